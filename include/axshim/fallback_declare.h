/* Part of fallback.h: the declared cleanups that need no more than libc. Of the grammar it knows
 * [NAME=]ACTION:ARGUMENT [ @OPTIONS] with quotes around the whole argument and a backslash before any
 * character. */
#include <spawn.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "fallback_remove.h"

#define AXSHIM_MOST_PATH_ 4096

extern char **environ;

struct axshim_declared_ {
  char *action, *argument, *text; /* text: of write */
};

AXSHIM_OWN_ int axshim_spawn_(const char *const *argv) {
  pid_t child;
  int status;
  errno = posix_spawnp(&child, argv[0], 0, 0, (char *const *)argv, environ);
  return errno == 0 && waitpid(child, &status, 0) == child && status == 0 ? 0 : -1;
}

AXSHIM_OWN_ int axshim_append_(const char *path, char *text) {
  const int fd = axshim_open_at_(axshim_here_, path, axshim_to_append_);
  char newline = '\n';
  const struct iovec pieces[] = {{text, strlen(text)}, {&newline, 1}};
  ssize_t written;
  if (fd < 0) return -1;
  written = writev(fd, pieces, 2);
  if (written >= 0) errno = ENOSPC; /* where it is cut short */
  close(fd);
  return written == (ssize_t)pieces[0].iov_len + 1 ? 0 : -1;
}

/* Null, or what went wrong. */
AXSHIM_OWN_ const char *axshim_perform_(const struct axshim_declared_ *it) {
  const char *const sh[] = {"/bin/sh", "-c", it->argument, 0};
  int failed;
  errno = 0;
  if (strcmp(it->action, "rmtree") == 0) return axshim_remove_tree_(it->argument);
  if (strcmp(it->action, "unlink") == 0)
    failed = unlink(it->argument) != 0 && errno != ENOENT;
  else if (strcmp(it->action, "rmdir") == 0)
    failed = rmdir(it->argument) != 0 && errno != ENOENT;
  else if (strcmp(it->action, "write") == 0)
    failed = axshim_append_(it->argument, it->text) != 0;
  else if (strcmp(it->action, "flush") == 0)
    failed = fflush(0) != 0;
  else
    failed = axshim_spawn_(sh) != 0;
  return !failed ? 0 : errno != 0 ? strerror(errno) : "a non-zero status";
}

AXSHIM_OWN_ void axshim_fallback_fail_(const char *message);

AXSHIM_OWN_ void axshim_do_declared_(void *declared) {
  const char *const why = axshim_perform_((const struct axshim_declared_ *)declared);
  if (why != 0) axshim_fallback_fail_(why);
}

/* Ends the text at the first plain `separator` (or at its end) and returns what follows it; takes the
 * backslashes off. */
AXSHIM_OWN_ char *axshim_cut_(char *text, char separator) {
  char *to = text;
  while (*text != '\0' && *text != separator) {
    const int escaped = *text == '\\' && text[1] != '\0';
    if (escaped) ++text;
    *to++ = escaped && *text == 'n' ? '\n' : *text;
    ++text;
  }
  separator = *text;
  *to = '\0';
  return separator != '\0' ? text + 1 : text;
}

/* Makes one percent sign of two; false where there is a template, which the preload alone knows. */
AXSHIM_OWN_ int axshim_halve_percents_(char *text) {
  char *to = text;
  for (; *text != '\0'; ++text) {
    if (*text == '%' && *++text != '%') return 0;
    *to++ = *text;
  }
  *to = '\0';
  return 1;
}

/* Cuts " @option,option" off; false where there is an unknown one. */
AXSHIM_OWN_ int axshim_take_options_(char *entry, unsigned *flags) {
  char *at = 0, *c, *option;
  for (c = entry; *c != '\0'; ++c)
    if (c[0] == ' ' && c[1] == '@') at = c;
  if (at == 0) return 1;
  *at = '\0';
  for (option = at + 2; *option != '\0';) {
    char *const next = axshim_cut_(option, ',');
    if (strcmp(option, "orderly") == 0)
      *flags |= AXSHIM_ORDERLY_ONLY;
    else if (strcmp(option, "forced") == 0)
      *flags |= AXSHIM_FORCED_ONLY;
    else if (strcmp(option, "children") == 0)
      *flags |= AXSHIM_CHILDREN;
    else if (strcmp(option, "any") != 0 && strcmp(option, "daemon") != 0 &&
             strncmp(option, "timeout=", 8) != 0)
      return 0;
    option = next;
  }
  return 1;
}

/* Cuts an entry up in place. 0, or the errno that says why not. */
AXSHIM_OWN_ int axshim_parse_(char *entry, const char **name, struct axshim_declared_ *it, unsigned *flags) {
  static const char *const known[] = {"unlink", "rmdir", "rmtree", "write", "flush",
                                      "sh",     "exec",  "kill",   "call"};
  const size_t colon = strcspn(entry, ":"), equals = strcspn(entry, "=");
  size_t i;
  char quote;
  if (entry[colon] == '\0' || !axshim_take_options_(entry, flags)) return EINVAL;
  *name = entry;
  it->action = equals < colon ? axshim_cut_(entry, '=') : entry;
  it->argument = strchr(it->action, ':');
  if (it->argument == 0) return EINVAL;
  *it->argument++ = '\0';
  for (i = 0; i < sizeof known / sizeof *known && strcmp(it->action, known[i]) != 0; ++i) continue;
  if (i == sizeof known / sizeof *known || (*it->argument == '\0') != (i == 4)) return EINVAL;
  if (i > 5 || (i < 5 && !axshim_halve_percents_(it->argument))) return ENOTSUP;
  quote = *it->argument;
  if ((quote == '"' || quote == '\'') && strlen(it->argument) > 1 &&
      it->argument[strlen(it->argument) - 1] == quote) {
    it->argument[strlen(it->argument) - 1] = '\0';
    ++it->argument;
  }
  if (i != 5) it->text = axshim_cut_(it->argument, i == 3 ? '=' : '\0');
  if (i == 3) axshim_cut_(it->text, '\0');
  return 0;
}

/* A relative path is one from here, wherever the program goes. 0, or the errno that says why not. */
AXSHIM_OWN_ int axshim_make_absolute_(struct axshim_declared_ *it, char *buffer) {
  if (*it->argument == '/' || *it->argument == '\0' || strcmp(it->action, "sh") == 0) return 0;
  if (getcwd(buffer, AXSHIM_MOST_PATH_) == 0) return errno;
  strcat(strcat(buffer, "/"), it->argument);
  it->argument = buffer;
  return 0;
}

AXSHIM_OWN_ axshim_id axshim_add_(const char *, void (*)(void *), void *, unsigned, void *);

AXSHIM_OWN_ axshim_id axshim_fallback_declare_(const char *entry) {
  const size_t size = entry != 0 ? strlen(entry) + 1 : 1;
  struct axshim_declared_ *it =
      (struct axshim_declared_ *)malloc(sizeof *it + size + AXSHIM_MOST_PATH_ + 1 + size);
  const char *name = 0;
  unsigned flags = 0;
  if (it == 0) return 0; /* ENOMEM */
  memcpy(it + 1, entry != 0 ? entry : "", size);
  errno = axshim_parse_((char *)(it + 1), &name, it, &flags);
  if (errno == 0) errno = axshim_make_absolute_(it, (char *)(it + 1) + size);
  if (errno == 0) return axshim_add_(name == it->action ? entry : name, axshim_do_declared_, it, flags, it);
  free(it);
  return 0;
}

#undef AXSHIM_MOST_PATH_
