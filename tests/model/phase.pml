/* shim/cause/phase.cc as threads see it: each does one thing that ends the process, or tries to, at once with
 * the others, in every order of steps. Spin looks at all of them:
 *   - the process ends: whatever a thread waits for comes about (no order leaves all of them waiting);
 *   - one record is written at most, and nobody is cut short who is at it;
 *   - a thread that dies of a signal does, whatever another thread's hook puts in the place of SIG_DFL.
 * What waits in the code is a guard here; each compare-and-swap is one atomic step. Functions have their names.
 */
#ifndef THREADS
#define THREADS 3
#endif
#define SPARE 2    /* exits.cc has kSpareHandlers, for more threads */
#define NOBODY 255

mtype:phase = { alive, orderly, cleaning, closing, writing, done, recording, replacing, forced, dying };
mtype:doing = { exits, is_forced_out, dies_of_signal, execs, execs_in_vain, sets_actions, leaves_raw };

mtype:phase phase = alive;
byte holder = NOBODY;
mtype:phase phase_before_exec;
byte holder_before_exec;
bool begun, twice;

bool gone[THREADS];            /* the thread is no more, the process is */
bool ended;                    /* and now the process is not */
bool our_handler = true;       /* what the kernel has: ours, or SIG_DFL */
byte marks = 1;                /* libc's list: what runs cleanups of ours, */
byte last_handlers = 1 + SPARE; /* and then the last handlers */
byte records;                  /* of an end */
bool exec_recorded;            /* and not void: what ends the process makes it so */
byte writers;

/* They wait for a thread that is there. */
#define OTHERS (holder != me && !gone[holder])
#define LEFT_BEHIND (holder != me && holder != NOBODY && gone[holder])

#define TAKE(wanted) over_exec = (phase == replacing || phase == recording); \
  phase = (over_exec -> recording : wanted); holder = me; granted = true

inline void_exec_and_take(wanted) {
  if
  :: granted && over_exec ->
     exec_recorded = false;
     atomic { if :: phase == recording && holder == me -> phase = wanted :: else fi }
  :: else
  fi
}

inline claim_orderly() {
  if
  :: atomic { phase == alive || phase == replacing -> TAKE(orderly) }
  :: atomic { phase == recording && LEFT_BEHIND -> TAKE(orderly) }
  :: atomic { phase != alive && phase != replacing && phase != recording -> granted = false }
  fi
  void_exec_and_take(orderly)
}

inline claim_cleaning() {
  if
  :: atomic { phase == alive || phase == orderly || phase == cleaning || phase == replacing -> TAKE(cleaning) }
  :: atomic { (phase == recording || phase == forced || phase == dying) && LEFT_BEHIND -> TAKE(cleaning) }
  :: atomic { phase == closing || phase == writing || phase == done ||
              ((phase == recording || phase == forced || phase == dying) && holder == me) -> granted = false }
  fi
  void_exec_and_take(cleaning)
}

inline keep(mine) {
  if
  :: atomic { phase == alive || holder == me -> skip }
  :: atomic { (mine == cleaning && phase == orderly) || LEFT_BEHIND -> phase = mine; holder = me }
  fi
}

inline claim_closing() {
  if
  :: atomic { phase == closing || phase == writing || phase == done ||
              ((phase == recording || phase == forced || phase == dying) && holder == me) -> granted = false }
  :: atomic { phase == alive || phase == orderly || phase == cleaning || phase == replacing -> TAKE(closing) }
  :: atomic { (phase == recording || phase == forced || phase == dying) && LEFT_BEHIND -> TAKE(closing) }
  fi
  void_exec_and_take(closing)
}

inline begin_writing() {
  do
  :: keep(closing);
     if
     :: atomic { phase == closing && holder == me -> phase = writing; break }
     :: else
     fi
  od
}

inline wait_for_another() {
  !((phase == forced || phase == dying || phase == recording) && OTHERS)
}

inline wait_until_done() {
  !((phase == closing || phase == writing || phase == forced || phase == dying || phase == recording) && OTHERS)
}

inline claim_forced() {
  if
  :: atomic { phase == done || ((phase == forced || phase == dying) && holder == me) -> granted = false }
  :: atomic { phase == alive || phase == orderly || phase == cleaning || phase == closing || phase == replacing ||
              ((phase == recording || phase == writing) && holder == me) -> TAKE(forced) }
  :: atomic { (phase == recording || phase == writing || phase == forced || phase == dying) && LEFT_BEHIND ->
              TAKE(forced) }
  fi
  void_exec_and_take(forced)
}

inline claim_recording() {
  if
  :: atomic { phase == done || (holder == me && phase != alive && phase != orderly && phase != cleaning &&
                                phase != closing) -> granted = false }
  :: atomic { (phase == alive || phase == orderly || phase == cleaning || phase == closing) ||
              ((phase == writing || phase == recording || phase == replacing || phase == forced ||
                phase == dying) && LEFT_BEHIND) ->
              if
              :: phase != recording && phase != replacing -> phase_before_exec = phase; holder_before_exec = holder
              :: else
              fi;
              TAKE(recording) }
  fi
  void_exec_and_take(recording)
}

inline write_record() {
  writers++;
  assert(writers == 1);
  records++;
  assert(records == 1);
  writers--
}

inline last_handler() {
  if
  :: phase == done
  :: else ->
     claim_closing();
     if
     :: !granted ->
        last_handlers++;  /* registered again, before it waits */
        wait_until_done()
     :: else ->
        if  /* could_matter() is asked once */
        :: matters || twice -> begin_writing(); write_record()
        :: else
        fi;
        atomic { if :: phase == alive || holder == me -> phase = done; holder = me :: else fi };
        wait_for_another()
     fi
  fi
}

inline call_exit() {
  wait_for_another();
  atomic { twice = twice || begun; begun = true };
  claim_orderly();
  do
  :: atomic { marks > 0 -> marks-- };
     claim_cleaning();
     if
     :: granted ->
        keep(cleaning);  /* a cleanup ran */
        atomic { if :: phase == cleaning && holder == me -> phase = orderly :: else fi }
     :: else
     fi
  :: atomic { marks == 0 && last_handlers > 0 -> last_handlers-- };
     last_handler()
  :: atomic { marks == 0 && last_handlers == 0 -> break }
  od;
  assert(phase == done || gone[holder]);  /* nobody is cut short */
  ended = true
}

inline be_forced_out() {
  wait_for_another();
  claim_forced();
  if :: granted -> write_record() :: else fi;
  assert(!exec_recorded);
  ended = true
}

/* Another's hook may put our handler back in between: then it is called again, and this thread dies again. */
inline die_of_signal() {
  claim_forced();
  if :: granted -> write_record() :: else fi;
  do
  :: atomic { if :: phase == forced && holder == me -> phase = dying :: else fi };
     our_handler = false;
     if
     :: atomic { !our_handler -> ended = true; break }
     :: else
     fi
  od
}

inline call_exec(succeeds) {
  wait_for_another();
  claim_recording();
  if
  :: granted ->
     writers++;
     assert(writers == 1);
     writers--;
     exec_recorded = true;
     atomic { if :: phase == recording && holder == me -> phase = replacing :: else fi }
  :: else
  fi;
  wait_for_another();
  if
  :: succeeds -> ended = true
  :: else ->
     atomic { granted = (phase == replacing && holder == me);
              if :: granted -> phase = recording :: else fi };
     if
     :: granted ->
        exec_recorded = false;
        atomic { phase = phase_before_exec; holder = holder_before_exec }
     :: else
     fi
  fi
}

/* As the hook of kill does, watch_again(). */
inline set_actions() {
  if
  :: phase == forced || phase == dying || phase == done
  :: else ->
     if
     :: !our_handler -> our_handler = true
     :: else
     fi
  fi
}

active [THREADS] proctype thread() {
  byte me = _pid;
  bool granted, over_exec, matters;
  mtype:doing what;
  {
    if
    :: matters = true
    :: matters = false
    fi;
    if
    :: what = exits
    :: what = is_forced_out
    :: what = dies_of_signal
    :: what = execs
    :: what = execs_in_vain
    :: what = sets_actions
    :: me > 0 -> what = leaves_raw  /* another ends the process yet */
    fi;
    do
    :: what == exits -> call_exit()
    :: what == is_forced_out -> be_forced_out()
    :: what == dies_of_signal -> die_of_signal()
    :: what == execs -> call_exec(true)
    :: what == execs_in_vain -> call_exec(false); what = is_forced_out
    :: what == sets_actions -> set_actions(); what = exits
    :: what == leaves_raw ->  /* from a cleanup that this thread ran to end the process */
       claim_forced();
       gone[me] = true;
       break
    od
  } unless { ended };
  skip
}
