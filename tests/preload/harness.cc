#include "preload/harness.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace axshim_test {
namespace {

using Clock = std::chrono::steady_clock;

struct Pipe {
  int read_end = -1, write_end = -1;
  Pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
    read_end = ends[0];
    write_end = ends[1];
  }
  ~Pipe() {
    close_end(read_end);
    close_end(write_end);
  }
  static void close_end(int &end) {
    if (end >= 0) close(end);
    end = -1;
  }
};

std::vector<std::string> environment(const std::map<std::string, std::string> &added) {
  std::vector<std::string> result;
  for (char **entry = environ; *entry; ++entry) {
    const std::string text = *entry;
    const bool ours = text.starts_with("AXSHIM_") || text.starts_with("LD_");
    if (!ours && !added.contains(text.substr(0, text.find('=')))) result.push_back(text);
  }
  for (const auto &[name, value] : added) result.push_back(name + "=" + value);
  return result;
}

std::vector<char *> pointers(std::vector<std::string> &strings) {
  std::vector<char *> result;
  for (std::string &string : strings) result.push_back(string.data());
  result.push_back(nullptr);
  return result;
}

// What the test runner inherited (make's descriptors, ignored signals, limits) must not reach the program.
[[noreturn]] void become(const Command &command, const int (&stdio)[3], char **argv, char **envp) {
  setpgid(0, 0);
  for (int fd = 0; fd < 3; ++fd) dup2(stdio[fd], fd);
  close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  for (int number = 1; number < NSIG; ++number) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const rlimit core{command.core, command.core};
  setrlimit(RLIMIT_CORE, &core);
  for (const auto &[resource, value] : command.limits) {
    const rlimit limit{value, value};
    setrlimit(static_cast<__rlimit_resource_t>(resource), &limit);
  }
  if (chdir(command.cwd.c_str()) != 0) _exit(125);
  if (command.before_exec) command.before_exec();
  execve(argv[0], argv, envp);
  _exit(127);
}

// Moves all bytes between us and the program at once, so that no full pipe stops either side, until the
// program is gone and nobody holds its output any more. False: the deadline came first.
bool converse(const Command &command, int pidfd, pid_t pid, Pipe &in, Pipe &out, Pipe &err,
              Outcome &outcome) {
  const auto deadline = Clock::now() + command.deadline;
  size_t written = 0;
  bool interacted = !command.interact;
  fcntl(in.write_end, F_SETFL, O_NONBLOCK);
  const auto read_some = [](int &end, std::string &text) {
    char buffer[65536];
    const ssize_t size = read(end, buffer, sizeof buffer);
    if (size > 0) text.append(buffer, static_cast<size_t>(size));
    if (size == 0) Pipe::close_end(end);
  };
  while (pidfd >= 0 || out.read_end >= 0 || err.read_end >= 0) {
    if (written == command.input.size()) Pipe::close_end(in.write_end);
    pollfd polled[] = {
        {in.write_end, POLLOUT, 0}, {out.read_end, POLLIN, 0}, {err.read_end, POLLIN, 0}, {pidfd, POLLIN, 0}};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0 || poll(polled, std::size(polled), static_cast<int>(left)) == 0) return false;
    if (polled[0].revents) {
      const ssize_t size =
          write(in.write_end, command.input.data() + written, command.input.size() - written);
      if (size > 0) written += static_cast<size_t>(size);
      if (size < 0 && errno != EAGAIN) written = command.input.size();  // the program does not read it
    }
    if (polled[1].revents) read_some(out.read_end, outcome.out);
    if (polled[2].revents) read_some(err.read_end, outcome.err);
    if (polled[3].revents) pidfd = -1;
    if (!interacted && ("\n" + outcome.out).find("\nready\n") != std::string::npos) {
      interacted = true;
      command.interact(pid);
    }
  }
  EXPECT_TRUE(interacted) << "the program never printed \"ready\"";
  return true;
}

}  // namespace

int exited(int code) { return W_EXITCODE(code, 0); }
int killed(int number, bool core) { return W_EXITCODE(0, number) | (core ? WCOREFLAG : 0); }

std::string describe(int status) {
  if (WIFEXITED(status)) return "exit status " + std::to_string(WEXITSTATUS(status));
  return std::string("signal ") + strsignal(WTERMSIG(status)) + (WCOREDUMP(status) ? " with a core" : "");
}

std::string program(const std::string &name) { return AXSHIM_BUILD "/tests/programs/" + name; }
bool is_asleep(pid_t pid) {
  const std::string stat = read_file("/proc/" + std::to_string(pid) + "/stat");
  const size_t state = stat.rfind(')') + 2;  // the name before it may hold anything
  return state < stat.size() && (stat[state] == 'S' || stat[state] == 'Z');
}

Path library() { return AXSHIM_BUILD "/libaxshim.so"; }
Path source_dir() { return AXSHIM_SOURCE; }

std::string read_file(const Path &path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void write_file(const Path &path, const std::string &text) { std::ofstream(path, std::ios::binary) << text; }

std::vector<std::string> lines(const std::string &text) {
  std::vector<std::string> result;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) result.push_back(line);
  return result;
}

Records records_in(const std::string &text) {
  Records records;
  for (const std::string &line : lines(text)) {
    if (!line.starts_with("{\"axshim\":")) continue;
    const Json record = Json::parse(line, nullptr, false);
    if (record.is_discarded()) {
      ADD_FAILURE() << "not JSON: " << line;
    } else if (record.value("event", "") == "exec-failed") {
      const auto of_same_process = [&](const Json &other) { return other["pid"] == record["pid"]; };
      const auto voided = std::find_if(records.rbegin(), records.rend(), of_same_process);
      if (voided != records.rend()) records.erase(std::next(voided).base());
    } else {
      records.push_back(record);
    }
  }
  return records;
}

Records records_of(const Path &log) { return records_in(read_file(log)); }

Json only_record(const Records &records) {
  EXPECT_EQ(records.size(), 1U) << Json(records).dump(2);
  return records.size() == 1 ? records[0] : Json::object();
}

Json only_record(const Path &log) { return only_record(records_of(log)); }

Json cleanup(const Json &record, const std::string &name) {
  for (const Json &entry : record.value("cleanups", Json::array())) {
    if (entry.value("name", "") == name) return entry;
  }
  ADD_FAILURE() << "no cleanup " << name << " in " << record.dump(2);
  return Json::object();
}

std::vector<std::string> outcomes(const Json &record) {
  std::vector<std::string> result;
  for (const Json &entry : record.value("cleanups", Json::array())) {
    const std::string reason = entry.value("reason", "");
    result.push_back(entry.value("name", "?") + ": " + entry.value("outcome", "?") +
                     (reason.empty() ? "" : " (" + reason + ")"));
  }
  return result;
}

void expect_same(const Outcome &bare, const Outcome &preloaded) {
  EXPECT_EQ(preloaded.status, bare.status)
      << "bare: " << describe(bare.status) << "\npreloaded: " << describe(preloaded.status);
  EXPECT_EQ(preloaded.out, bare.out);
  EXPECT_EQ(preloaded.err, bare.err);
}

PreloadTest::PreloadTest() {
  std::string name = (std::filesystem::temp_directory_path() / "axshim.XXXXXX").string();
  if (!mkdtemp(name.data())) throw std::runtime_error("mkdtemp failed");
  dir_ = std::filesystem::canonical(name);
}

PreloadTest::~PreloadTest() {
  std::error_code ignored;
  std::filesystem::remove_all(dir_, ignored);
}

Path PreloadTest::make_file(const std::string &name, const std::string &text) const {
  write_file(file(name), text);
  return file(name);
}

Outcome PreloadTest::bare(Command command) {
  std::erase_if(command.env, [](const auto &entry) { return entry.first.starts_with("AXSHIM_"); });
  return run(std::move(command));
}

Outcome PreloadTest::preloaded(Command command) {
  // A preload that is not there is a warning of ld.so's, no error: every test would compare bare with bare.
  EXPECT_TRUE(std::filesystem::exists(library())) << library() << " is not built";
  command.env.emplace("LD_PRELOAD", library());
  return run(std::move(command));
}

Outcome PreloadTest::recorded(Command command) {
  command.env.emplace("AXSHIM_LOG", log());
  command.env.emplace("AXSHIM_REPORT", "always");
  return preloaded(std::move(command));
}

Outcome PreloadTest::run(Command command) {
  Outcome outcome;
  if (command.cwd.empty()) {
    command.cwd = dir_ / ("cwd" + std::to_string(++runs_));
    std::filesystem::create_directory(command.cwd);
  }
  outcome.cwd = command.cwd;
  std::vector<std::string> env = environment(command.env);
  const std::vector<char *> argv = pointers(command.argv), envp = pointers(env);

  Pipe in, out, err;
  outcome.pid = fork();
  if (outcome.pid < 0) throw std::runtime_error("fork failed");
  if (outcome.pid == 0) {
    become(command, {in.read_end, out.write_end, err.write_end}, const_cast<char **>(argv.data()),
           const_cast<char **>(envp.data()));
  }
  for (int *end : {&in.read_end, &out.write_end, &err.write_end}) Pipe::close_end(*end);
  const int pidfd = static_cast<int>(syscall(SYS_pidfd_open, outcome.pid, 0));
  signal(SIGPIPE, SIG_IGN);  // a program may well end without having read its input
  if (!converse(command, pidfd, outcome.pid, in, out, err, outcome)) {
    ADD_FAILURE() << command.argv[0] << " hangs, or left behind a process that holds its output";
    kill(-outcome.pid, SIGKILL);
  }
  if (pidfd >= 0) close(pidfd);
  waitpid(outcome.pid, &outcome.status, 0);
  EXPECT_NE(outcome.status, exited(127)) << command.argv[0] << " was not found";
  return outcome;
}

void full_pipe_as_stderr() {
  int ends[2];
  if (pipe2(ends, O_NONBLOCK) != 0) _exit(124);
  const char page[4096] = {};
  while (write(ends[1], page, sizeof page) > 0) continue;
  fcntl(ends[1], F_SETFL, 0);
  dup2(ends[1], 2);  // its other end stays open here, and nobody reads it
}

void broken_pipe_as_stderr() {
  int ends[2];
  if (pipe(ends) != 0) _exit(124);
  dup2(ends[1], 2);
  close(ends[0]);
  close(ends[1]);
}

}  // namespace axshim_test
