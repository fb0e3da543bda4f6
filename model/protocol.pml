/*
 * How tasks are claimed, run, settled and cleaned up, for NI instances and NT task names. For the model checker Spin.
 * "make model" runs it; docs/model.md says what the runs show.
 *
 * What is one step. Each database transaction, and each single change of a file (create .part, rename, unlink). Between two
 * steps any other process may do any number of steps. That is what a freeze of a process looks like to the others, so
 * freezes need no process of their own. Locks are not modelled: transactions are atomic, as row locks make them.
 *
 * How faults are bounded. Each kind of fault has a budget (CRASHES, EXPIRES, ...). A run with all budgets above zero is too
 * large to search; run.ts lists the runs, each with a few kinds of faults.
 *
 * What is left out, and why that loses nothing:
 * - Time. A lease of a dead or absent holder may run out at any moment; that of a living one EXPIRES times.
 * - A task has one recording. Several are removed one by one, and each step may be done again by anybody.
 * - Names of attempts are numbers 1, 2, 3... per task name, never used again. The random part of the real name does that.
 *   An assertion shows that MAXC is never reached, so that nothing is cut off.
 * - Instances are alike. Of several idle ones the lowest claims; the others would do the same with other numbers.
 *   Tasks are alike at the start. Something happens to the first one before it happens to the next.
 * - One process collects results and one removes audio. Several at once would do the same steps, each repeatable.
 * - A verified directory handle: a process that has opened UPLOADS sees its own tree until it closes it. What is mounted
 *   over the name meanwhile concerns it no more. So only opening looks at "mounted".
 */
#ifndef NI
#define NI 2            /* instances */
#endif
#ifndef NT
#define NT 1            /* task names */
#endif
#ifndef MAXC
#define MAXC 7          /* attempts per task name, plus one */
#endif
#ifndef CRASHES
#define CRASHES 0       /* kill -9 of an instance, at any step */
#endif
#ifndef EXPIRES
#define EXPIRES 0       /* leases that run out although the holder lives: a freeze, or an outage */
#endif
#ifndef RETRIES
#define RETRIES 0       /* transient faults, and hand-backs of a stopping instance */
#endif
#ifndef FAILURES
#define FAILURES 0      /* faults that fail the task at once */
#endif
#ifndef CANCELS
#define CANCELS 0
#endif
#ifndef AGAINS
#define AGAINS 0        /* a person queues a failed or cancelled task again */
#endif
#ifndef DELETES
#define DELETES 0       /* a row is deleted, and perhaps one of the same name made, with its audio uploaded again */
#endif
#ifndef UNMOUNTS
#define UNMOUNTS 0      /* UPLOADS is absent, or another site's, for a while */
#endif
#ifndef FAILOVERS
#define FAILOVERS 0     /* the database goes back to an earlier state: 0 or 1 */
#endif
#ifndef LONG_LAG
#define LONG_LAG 0      /* 1: the standby lags by more than REMOVAL_DELAY, so that files are gone which it still wants */
#endif
#ifndef LATE
#define LATE 0          /* 1: an attempt is frozen for longer than REMOVAL_DELAY, and wakes after the removal */
#endif
#ifndef HINTS
#define HINTS 0         /* forged or late notifications that an attempt was withdrawn */
#endif
#ifndef CRASH_LIMIT
#define CRASH_LIMIT 0   /* 0: crashes are not counted in this run */
#endif
/* One deliberate fault, to see that the checks find it. run.ts names them. */
#ifndef MUTANT
#define MUTANT 0
#endif

mtype = { none, uploaded, processing, completed, failed, cancelled };  /* tasks.task_status; none: there is no row */
mtype = { waits, held, done };                                         /* the job of the row */
#define NOTHING 0
#define PART 1
#define ZIP 2

/* What the database knows of one task name. A failover brings an earlier copy of it back. */
typedef Row {
  mtype st;
  byte row;             /* tasks.id: 1, then 2 when it was deleted and made again */
  byte fence;
  byte claim;           /* name of the attempt; 0: never claimed */
  mtype js;
  byte job;             /* tasks.job_id: a person who tries again makes a new job */
  byte retry;           /* pgboss.job.retry_count */
  byte result;          /* attempt named by download_path; 0: none */
  byte completions;     /* since it was queued */
  bit receipt;          /* task_files.deleted_at of the audio */
  bit tidy;             /* tasks.results_tidy */
  byte deleted;         /* row in deleted_tasks whose files are to go; 0: none */
};
Row R[NT];
#if FAILOVERS
Row S[NT];              /* the standby */
byte copied = 0;        /* 0: it has nothing yet, 1: it holds an earlier state, 2: it has been promoted */
#endif

/* What is on the disk, and which attempts are alive, whatever the database says. */
typedef Attempts {
  byte folder[MAXC];    /* <user>/otp/<task>/<row>.<claim>/: NOTHING, PART or ZIP */
  byte row[MAXC];       /* the row that the attempt ran for */
  bit alive[MAXC];      /* it runs, or is frozen */
  byte last;            /* the last name given */
  byte audio;           /* row for which the recording was uploaded; 0: it is gone */
};
Attempts A[NT];

bit idle[NI];
bit mounted = 1;        /* UPLOADS leads to the tree with the marker of this site */
bit cleaning = 0, collecting = 0;
byte crashes = CRASHES, expires = EXPIRES, retries = RETRIES, failures = FAILURES, hints = HINTS;
byte cancels = CANCELS, agains = AGAINS, deletes = DELETES, unmounts = UNMOUNTS;
#if CRASH_LIMIT
/* task_takeovers. A take-over is a crash when it is proven that the process died during that very attempt. */
typedef Crash {
  byte counted;         /* tasks.crashes */
  byte really;          /* for the check only: attempts of this run during which the process died */
  byte by[MAXC];        /* instance of an attempt, plus one; 0: it needs no more thought */
  byte taken[MAXC];     /* 1: taken over by another instance, 2: and counted */
  bit died[MAXC];       /* the process died during the attempt */
};
Crash K[NT];
#endif

#define OPEN(t) (R[t].st == uploaded || R[t].st == processing)
#define ENDED(t) (R[t].st == completed || R[t].st == failed || R[t].st == cancelled)
#define FRESH(t) (R[t].st == uploaded && R[t].row == 1 && R[t].fence == 0)
#define MAY_TOUCH(t) (t == 0 || !FRESH(t) || !FRESH(t - 1))

/* Whether the row and the job are those of this attempt: the fence of every write. */
#if MUTANT == 1
#define OURS (R[t].st == processing && R[t].row == row)
#elif MUTANT == 2
#define OURS (R[t].st == processing && R[t].row == row && R[t].fence == fence && R[t].js == held && R[t].job == job && R[t].retry == retry)
#else
#define OURS (R[t].st == processing && R[t].row == row && R[t].fence == fence && R[t].claim == me_claim \
  && R[t].js == held && R[t].job == job && R[t].retry == retry)
#endif

/* The removal delay: the standby has received the end of the task. With LONG_LAG it may not have. */
#if FAILOVERS && !LONG_LAG && MUTANT != 12
#define REPLICATED(t) (copied != 1 || (S[t].st == R[t].st && S[t].row == R[t].row && S[t].claim == R[t].claim \
  && S[t].result == R[t].result && S[t].deleted == R[t].deleted))
#else
#define REPLICATED(t) (true)
#endif
/* The removal delay: each attempt that lost the task has noticed it, or is dead. With LATE one may be frozen for longer. */
#define DELAY_OVER(t) (LATE || !someAlive(t))
#if MAXC == 7
#define someAlive(t) (A[t].alive[1] || A[t].alive[2] || A[t].alive[3] || A[t].alive[4] || A[t].alive[5] || A[t].alive[6])
#endif

/* A failover's copy. */
inline copy(to, from) {
  to.st = from.st; to.row = from.row; to.fence = from.fence; to.claim = from.claim; to.js = from.js; to.job = from.job;
  to.retry = from.retry; to.result = from.result; to.completions = from.completions; to.receipt = from.receipt;
  to.tidy = from.tidy; to.deleted = from.deleted
}
inline clear(it) {
  it.st = 0; it.row = 0; it.fence = 0; it.claim = 0; it.js = 0; it.job = 0;
  it.retry = 0; it.result = 0; it.completions = 0; it.receipt = 0; it.tidy = 0; it.deleted = 0
}

/* Nothing waits and nothing is due. */
#define AT_REST(t) (!OPEN(t) && (R[t].st != completed || R[t].receipt) && !DUE(t))
/* Whose results are collected. Of a task that may be tried again none: its audio may be gone, and a zip be all there is. */
#if MUTANT == 17
#define MAY_COLLECT(t) ENDED(t)
#else
#define MAY_COLLECT(t) (R[t].st == completed)
#endif

/* A folder that an attempt made when its task had been tidied up long ago. */
#define STRAY(t, k) (A[t].folder[k] != NOTHING && (A[t].row[k] != R[t].row || R[t].st == none || \
  (R[t].st == completed && R[t].result != k)))
#define ADOPTABLE(t, k) (A[t].folder[k] == ZIP && A[t].row[k] == R[t].row)
#define HAS_ZIP(t) (ADOPTABLE(t, 1) || ADOPTABLE(t, 2) || ADOPTABLE(t, 3) || ADOPTABLE(t, 4) || ADOPTABLE(t, 5) || ADOPTABLE(t, 6))
#define ANY_STRAY(t) (STRAY(t, 1) || STRAY(t, 2) || STRAY(t, 3) || STRAY(t, 4) || STRAY(t, 5) || STRAY(t, 6))
#define DUE(t) (R[t].deleted != 0 || (MAY_COLLECT(t) && !R[t].tidy) || (MUTANT != 18 && ANY_STRAY(t)))
inline list() {
  k = 1; do :: k < MAXC -> if :: A[t].folder[k] != NOTHING -> listed[k] = 1 :: else fi; k++ :: else -> break od; k = 0
}
/* Kept are the folder that download_path names, and all of a row that waits or runs. */
inline ask() {
  k = 1;
  do
  :: k < MAXC ->
     if
     :: ((OPEN(t) && A[t].row[k] == R[t].row && MUTANT != 11) || (R[t].st == completed && R[t].result == k)
        || (ENDED(t) && !MAY_COLLECT(t) && A[t].row[k] == R[t].row)) -> kept[k] = 1
     :: else -> skip
     fi;
     k++
  :: else -> break
  od; k = 0
}

/* Chooses a task for which a condition holds; blocks when there is none. */
#define CHOOSE(holds) if :: holds(0) -> t = 0 :: NT > 1 && holds(NT - 1) -> t = NT - 1 fi

inline endLocally() {       /* the attempt is over in its process, whatever the database says */
  A[t].alive[me_claim] = 0; idle[me] = 1
}
inline forget() { t = 0; row = 0; fence = 0; me_claim = 0; job = 0; retry = 0 }

/* kill -9. A new instance takes its place: its process starts from the beginning. */
inline die() {
  crashes--;
#if CRASH_LIMIT
  if
  :: idle[me] == 0 && R[t].row == row && A[t].alive[me_claim] -> K[t].really++; K[t].died[me_claim] = 1
  :: else -> skip
  fi;
#if MUTANT == 16
  /* Any attempt of an instance that is dead now, also one that had ended before. */
  n = 1; do :: n < MAXC -> if :: K[0].by[n] == me + 1 -> K[0].died[n] = 1 :: else fi; n++ :: else -> break od; n = 0;
#endif
#endif
  endLocally(); forget()
}
#define MAY_DIE :: atomic { crashes > 0 -> die(); goto idling }
/* A heartbeat, or a look after a notification: the database says that this attempt has lost the task. */
#define MAY_NOTICE :: atomic { !OURS -> goto lost } \
  :: atomic { expires > 0 && OURS -> expires--; goto lost }  /* no heartbeat for the length of a lease, by its own clock */
#if MUTANT == 9
#define MAY_BE_HINTED :: atomic { hints > 0 -> hints--; assert(!OURS); goto lost }
#else
#define MAY_BE_HINTED :: atomic { hints > 0 -> hints--; if :: OURS -> skip :: else -> goto lost fi }
#endif

inline putBack() {
  atomic {
    if :: OURS -> R[t].st = uploaded; R[t].js = (MUTANT == 14 -> done : waits) :: else -> skip fi;
    endLocally(); forget()
  }
}
inline fail() {
  atomic {
    if :: OURS -> R[t].st = failed; R[t].js = done; R[t].tidy = 0 :: else -> skip fi;
    endLocally(); forget()
  }
}

#define CLAIMABLE(t) ((mounted || MUTANT == 6) && (me == 0 || !idle[0]) && (me < 2 || !idle[1]) \
  && R[t].js == waits && OPEN(t) && MAY_TOUCH(t))
proctype Instance(byte me) {
  byte t, row, fence, me_claim, job, retry, k, n; bit seesOwn = 1;
end_idling:
idling:
  if
  :: atomic {               /* claim: job, row, fence and name in one transaction */
       CHOOSE(CLAIMABLE);
       assert(A[t].last < MAXC - 1);
#if CRASH_LIMIT
       if
       :: R[t].st == processing -> if :: MUTANT == 10 -> K[t].counted++ :: else -> K[t].taken[R[t].claim] = 1 fi
       :: else
       fi;
#endif
       R[t].js = held; R[t].st = processing; R[t].retry++; R[t].fence++;
       A[t].last++; R[t].claim = A[t].last;
       row = R[t].row; fence = R[t].fence; me_claim = R[t].claim; job = R[t].job; retry = R[t].retry;
       A[t].alive[me_claim] = 1; A[t].row[me_claim] = row; idle[me] = 0;
#if CRASH_LIMIT
       K[t].by[me_claim] = me + 1;
#endif
     }
#if CRASH_LIMIT
  :: atomic { crashes > 0 -> die(); goto idling }
#endif
  fi;
#if CRASH_LIMIT
  if
  :: atomic { K[t].counted >= CRASH_LIMIT -> 
       if :: OURS -> assert(K[t].really >= CRASH_LIMIT) :: else fi };
     fail(); goto idling
  :: K[t].counted < CRASH_LIMIT
  MAY_DIE
  fi;
#endif
  /* UPLOADS is opened and its marker verified. Not there: the task is handed back. */
  if
  :: atomic { mounted -> seesOwn = 1 }
  :: atomic { !mounted && MUTANT == 6 -> seesOwn = 0 }
  :: !mounted && MUTANT != 6 -> putBack(); goto idling
  MAY_DIE
  MAY_NOTICE
  fi;
#if MUTANT == 7
  seesOwn = mounted;        /* by path, not by the open directory */
#endif
  /* prepare: the audio is read */
  if
  :: atomic { seesOwn && A[t].audio != 0 -> skip }
  :: atomic { !(seesOwn && A[t].audio != 0) -> seesOwn = 1; goto without_audio }
  MAY_DIE
  MAY_NOTICE
  MAY_BE_HINTED
  fi;
  /* align: the engine runs; package: the zip is written beside its place */
  if
  :: atomic { A[t].folder[me_claim] = PART }
  :: atomic { retries > 0 -> retries--; goto put_back }
  :: atomic { failures > 0 -> failures--; goto fails }
  MAY_DIE
  MAY_NOTICE
  fi;
  if
  /* Its folder may have been removed meanwhile: then the rename fails, and with it the attempt. */
  :: atomic { A[t].folder[me_claim] == PART -> A[t].folder[me_claim] = ZIP;
       if :: MUTANT == 13 -> A[t].audio = 0 :: else -> skip fi }
  :: atomic { A[t].folder[me_claim] == NOTHING -> goto put_back }
  MAY_DIE
  MAY_NOTICE
  fi;
  n = me_claim;
completing:
  /* One transaction. OURS is asked in it. */
  if
  :: atomic {
       if
       :: OURS ->
          assert(R[t].claim == me_claim);                 /* by the attempt that has the task */
          R[t].st = completed; R[t].js = done; R[t].result = n; R[t].tidy = 0; R[t].receipt = 0;
          R[t].completions++; assert(R[t].completions == 1)
       :: else -> skip
       fi;
       n = 0; endLocally(); forget(); goto idling
     }
  MAY_DIE
  fi;
without_audio:
  /* The audio is gone: an earlier attempt may have completed the task, and the database have forgotten that. */
  if
  :: atomic {
       MUTANT != 8 && MUTANT != 12 && MUTANT != 13 ->
       n = 0;
       do
       :: k < MAXC - 1 -> k++;
          if :: A[t].folder[k] == ZIP && A[t].row[k] == row -> n = k :: else fi
       :: else -> break
       od;
       k = 0;
       if :: n != 0 -> goto completing :: else -> goto audio_lost fi
     }
  :: atomic { MUTANT == 8 || MUTANT == 12 || MUTANT == 13 -> goto audio_lost }
  MAY_DIE
  MAY_NOTICE
  fi;
put_back:
  putBack(); goto idling;
audio_lost:
  atomic { assert(!OURS); goto fails };     /* a task whose recording was uploaded never fails for lack of it */
fails:
  fail(); goto idling;
lost:
  atomic { endLocally(); forget() }; goto idling
}

/* The chores that bring the queue on: jobs of silent holders go back, deaths are proven, people act, disks come and go. */
#define ABANDONED(t) (R[t].js == held && !A[t].alive[R[t].claim])
#define SILENT(t) (expires > 0 && R[t].js == held && A[t].alive[R[t].claim])
#define CANCELLABLE(t) (cancels > 0 && OPEN(t) && MAY_TOUCH(t))
#define REPEATABLE(t) (agains > 0 && (R[t].st == failed || R[t].st == cancelled))
#define DELETABLE(t) (deletes > 0 && R[t].st != none && MAY_TOUCH(t))
#define REMAKABLE(t) (R[t].st == none && R[t].row == 1)
#define PROVABLE(k) (K[0].taken[k] == 1 && K[0].died[k])
active proctype Others() {
  byte t, k;
end_others:
  do
  :: atomic {                                  /* sweep: the holder is dead, or has given up */
       CHOOSE(ABANDONED); R[t].js = waits; t = 0 }
  :: atomic {                                  /* sweep: it is frozen or cut off, and lives */
       CHOOSE(SILENT); expires--; R[t].js = waits; t = 0 }
#if CRASH_LIMIT
  :: atomic {                                  /* an instance on its machine sees what a dead process was doing */
       if :: PROVABLE(1) -> k = 1 :: PROVABLE(2) -> k = 2 :: PROVABLE(3) -> k = 3
          :: PROVABLE(4) -> k = 4 :: PROVABLE(5) -> k = 5 :: PROVABLE(6) -> k = 6 fi;
       K[0].taken[k] = 2; K[0].counted++; k = 0 }
#endif
  :: atomic { CHOOSE(CANCELLABLE);
       cancels--; R[t].st = cancelled; R[t].js = done; R[t].tidy = 0; t = 0 }
  :: atomic { CHOOSE(REPEATABLE);
       agains--; R[t].st = uploaded; R[t].job++; R[t].retry = 0; R[t].js = waits; R[t].completions = 0;
#if CRASH_LIMIT
       K[t].counted = 0; K[t].really = 0;
       k = 1; do :: k < MAXC -> K[t].taken[k] = 0; k++ :: else -> break od; k = 0;
#endif
       t = 0 }
  :: atomic { CHOOSE(DELETABLE);
       deletes--; R[t].deleted = R[t].row; R[t].st = none; R[t].js = done; R[t].result = 0;
       R[t].fence = 0; R[t].claim = 0; R[t].receipt = 0; R[t].tidy = 0; R[t].completions = 0; t = 0 }
  :: atomic { CHOOSE(REMAKABLE);      /* made again, its audio uploaded again */
       R[t].row = 2; A[t].audio = 2; R[t].st = uploaded; R[t].job++; R[t].retry = 0; R[t].js = waits; t = 0 }
  :: atomic { unmounts > 0 && mounted -> unmounts--; mounted = 0 }
  :: atomic { !mounted -> mounted = 1 }
#if FAILOVERS
  :: atomic { copied == 0 && R[NT - 1].st != 0 -> copied = 1;
       k = 0; do :: k < NT -> copy(S[k], R[k]); k++ :: else -> break od; k = 0 }
  :: atomic { copied == 1 -> copied = 2;
       k = 0; do :: k < NT -> copy(R[k], S[k]); clear(S[k]); k++ :: else -> break od; k = 0 }
#endif
  od
}

/* Audio of completed tasks: a mark in the row, the file, the receipt. It reads the row again before the file goes. */
#define UNCLEAN(t) ((mounted || MUTANT == 6) && R[t].st == completed && !R[t].receipt && REPLICATED(t) \
  && (DELAY_OVER(t) || MUTANT == 12))
active proctype Cleaner() {
  byte t, row, claim; bit seesOwn = 1;
end_cleaning:
  do
  :: atomic {
       CHOOSE(UNCLEAN);
       cleaning = 1; seesOwn = mounted; row = R[t].row; claim = R[t].claim };
     if
#if MUTANT != 5
     :: atomic { R[t].st == completed && R[t].row == row && R[t].claim == claim -> skip }
     :: atomic { !(R[t].st == completed && R[t].row == row && R[t].claim == claim) -> goto over }
#else
     :: skip
#endif
     :: atomic { crashes > 0 && !CRASH_LIMIT -> crashes--; goto over }
     fi;
#if MUTANT == 7
     seesOwn = mounted;
#endif
     /* unlink, only if it is the file that was aligned */
     if
     :: atomic { seesOwn && (A[t].audio == row || MUTANT == 5) -> A[t].audio = 0 }
     :: atomic { !(seesOwn && (A[t].audio == row || MUTANT == 5)) -> skip }
     :: atomic { crashes > 0 && !CRASH_LIMIT -> crashes--; goto over }
     fi;
     atomic {
       if
       :: R[t].st == completed && R[t].row == row && R[t].claim == claim ->
          R[t].receipt = 1; assert(A[t].audio != row)           /* a receipt says that it is gone */
       :: else -> skip
       fi
     };
over:
     atomic { t = 0; row = 0; claim = 0; seesOwn = 1; cleaning = 0 }
  od
}

/* Results that no row leads to: the folders are listed first, the database is asked second. Attempts remove nothing. */
#define UNTIDY(t) (mounted && REPLICATED(t) && DELAY_OVER(t) && DUE(t))
active proctype Collector() {
  byte t, k, row, fence, gone; bit listed[MAXC]; bit kept[MAXC]; bit forDeleted;
end_collecting:
  do
  :: atomic {
       CHOOSE(UNTIDY);
       if
       :: R[t].deleted != 0 -> forDeleted = 1; gone = R[t].deleted
       :: R[t].deleted == 0 -> row = R[t].row; fence = R[t].fence
       fi;
       collecting = 1 };
#if MUTANT == 3
     atomic { ask() };
     atomic { list() };
#else
     atomic { list() };
     atomic { ask() };
#endif
     if
     :: atomic {
          k = 1;
          do
          :: k < MAXC -> if :: listed[k] && !kept[k] -> A[t].folder[k] = NOTHING :: else fi; k++
          :: else -> break
          od; k = 0;
          /* What was uploaded after the deletion is not of the deleted task. */
          if :: forDeleted && A[t].audio == gone -> A[t].audio = 0 :: else fi
        }
     :: atomic { crashes > 0 && !CRASH_LIMIT -> crashes--; goto over }
     fi;
     atomic {
       if
       :: forDeleted && R[t].deleted == gone -> R[t].deleted = 0
       :: !forDeleted && ENDED(t) && R[t].row == row && R[t].fence == fence -> R[t].tidy = 1
       :: else -> skip
       fi
     };
over:
     atomic {
       k = 1; do :: k < MAXC -> listed[k] = 0; kept[k] = 0; k++ :: else -> break od;
       t = 0; k = 0; row = 0; fence = 0; gone = 0; forDeleted = 0; collecting = 0 }
  od
}

/* When nothing is left to do, all promises must hold. If that never comes, a task has no end: an invalid end state. */
active proctype Audit() {
  byte t, k;
  atomic {
    (AT_REST(0) && (NT == 1 || AT_REST(NT - 1)) && !cleaning && !collecting && mounted
     && idle[0] && (NI < 2 || idle[1]) && (NI < 3 || idle[NI - 1]));
    do
    :: t < NT ->
       assert(R[t].st == none || ENDED(t));                                              /* 1: each task has an end */
       assert(R[t].st != completed || A[t].folder[R[t].result] == ZIP);                  /* 2: the delivered zip is there */
       assert(R[t].st != completed || A[t].row[R[t].result] == R[t].row);                /* 3: and of this very row */
       /* 4: inputs of the others stay; a forgotten completion may have taken them, then its zip can be adopted */
       assert(R[t].st == completed || R[t].st == none || A[t].audio == R[t].row || (LONG_LAG && HAS_ZIP(t)));
       assert(R[t].st != completed || A[t].audio != R[t].row);                           /* 5: audio of completed tasks goes */
       assert(R[t].st != none || A[t].audio == 0);                                       /* 6: nothing of a deleted task stays */
       k = 1;
       do
       :: k < MAXC ->
          assert(A[t].folder[k] == NOTHING || R[t].st != none);                          /* 6 */
          assert(A[t].folder[k] == NOTHING || A[t].row[k] == R[t].row);                  /* 6 */
          assert(A[t].folder[k] == NOTHING || R[t].st != completed || k == R[t].result); /* 7: no other result is left */
          k++
       :: else -> break
       od;
       k = 0; t++
    :: else -> break
    od
  }
}

init {
  byte i;
  atomic {
    do :: i < NT -> R[i].st = uploaded; R[i].js = waits; R[i].job = 1; R[i].row = 1; A[i].audio = 1; i++ :: else -> break od;
    i = 0;
    do :: i < NI -> idle[i] = 1; run Instance(i); i++ :: else -> break od;
    i = 0
  }
}
