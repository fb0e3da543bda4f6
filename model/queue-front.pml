/*
 * Where claims begin to look for the next job (src/queue/queue.sql: announce_waiting, find_queue_front, queue_front).
 * For the model checker Spin. "make model" runs it; docs/model.md says what the runs show.
 *
 * What is one step. What PostgreSQL does under one snapshot or one lock: a read, a write, a commit. Between two steps any
 * other session may do any number of steps.
 *
 * Each of NQ sessions puts one job into the queue, at any rank, and commits or rolls back: a new task, one that is put back,
 * one that got another priority. In "read committed" it compares with the rank that is noted now, else with the one that its
 * snapshot shows. One session notes the first rank NN times; one claims NC times, and its transactions may be rolled back.
 * The sequence counts at once and is never rolled back. Ranks are 1 to RANKS; a job of the rank in the middle waits at first.
 *
 * What must hold: when a claim looks, no job that was waiting when the claim began, and waits still, is before the place
 * where it looks.
 */
#ifndef NQ
#define NQ 2            /* sessions that put jobs into the queue */
#endif
#ifndef NN
#define NN 2            /* times that the first rank is noted */
#endif
#ifndef NC
#define NC 2            /* claims */
#endif
#ifndef RANKS
#define RANKS 3
#endif
#ifndef MUTANT
#define MUTANT 0        /* 1: no lock while jobs are put; 2: nothing is counted; 3: an old snapshot is believed;
                           4: the first rank is looked for before the lock */
#endif

#define ANYWHERE 0
#define NOTHING_WAITS (RANKS + 1)

#define ABSENT 0
#define UNCOMMITTED 1
#define WAITING 2
#define TAKEN 3         /* by a claim that has not committed: for all others it waits */
#define GONE 4

byte state[NQ + 1];
byte rank[NQ + 1];
byte changes = 1;
byte noted_rank = ANYWHERE;
byte noted_changes = 0;
byte putting = 0;       /* sessions that hold the shared lock */
byte noters = 0;        /* those that hold the exclusive one */

#define is_seen(j) (state[j] == WAITING || state[j] == TAKEN)

proctype Puts(byte j) {
  byte seen_rank;
  bool is_read_committed;
  if
  :: is_read_committed = true
  :: is_read_committed = false
  fi;
  /* The first statement: the snapshot of other isolation levels. */
  seen_rank = noted_rank;
  atomic {
    if
    :: rank[j] = 1
    :: rank[j] = 2
    :: rank[j] = RANKS
    fi;
    state[j] = UNCOMMITTED
  };
#if MUTANT != 1
  atomic { noters == 0 -> putting++ };
#endif
  if
  :: is_read_committed -> seen_rank = noted_rank
  :: else
  fi;
#if MUTANT == 2
  skip;
#elif MUTANT == 3
  if
  :: rank[j] < seen_rank -> changes++
  :: else
  fi;
#else
  if
  :: !is_read_committed || rank[j] < seen_rank -> changes++
  :: else
  fi;
#endif
  /* Locks are given back after the commit is seen. */
  if
  :: state[j] = WAITING
  :: state[j] = GONE
  fi;
#if MUTANT != 1
  putting--
#endif
}

inline look_for_first(result) {
  atomic {
    result = NOTHING_WAITS;
    i = 0;
    do
    :: i <= NQ ->
       if
       :: is_seen(i) && rank[i] < result -> result = rank[i]
       :: else
       fi;
       i++
    :: else -> break
    od;
    i = 0
  }
}

proctype Notes() {
  byte times, i, first, counted;
  do
  :: times < NN ->
     times++;
#if MUTANT == 4
     look_for_first(first);
#endif
     if
     :: atomic { putting == 0 -> noters++ };
        counted = changes;
#if MUTANT != 4
        look_for_first(first);
#endif
        /* The commit: both values are seen at once. */
        atomic { noted_rank = first; noted_changes = counted; noters-- }
     :: putting > 0
     fi
  :: else -> break
  od
}

proctype Claims() {
  byte times, i, front, front_changes, best;
  bool waited[NQ + 1];
  do
  :: times < NC ->
     times++;
     /* One statement: the row by its snapshot, then the sequence, which may have gone on. */
     atomic {
       front = noted_rank;
       front_changes = noted_changes;
       i = 0;
       do
       :: i <= NQ -> waited[i] = is_seen(i); i++
       :: else -> break
       od;
       i = 0
     };
     if
     :: front_changes == changes
     :: else -> front = ANYWHERE
     fi;
     atomic {
       best = NQ + 1;
       i = 0;
       do
       :: i <= NQ ->
          assert(!(waited[i] && state[i] == WAITING && rank[i] < front));
          if
          :: state[i] == WAITING && rank[i] >= front && (best > NQ || rank[i] < rank[best]) -> best = i
          :: else
          fi;
          i++
       :: else -> break
       od;
       i = 0;
       if
       :: best <= NQ -> state[best] = TAKEN
       :: else
       fi
     };
     if
     :: best <= NQ ->
        if
        :: state[best] = GONE
        :: state[best] = WAITING
        fi
     :: else
     fi
  :: else -> break
  od
}

init {
  byte j;
  atomic {
    state[0] = WAITING;
    rank[0] = 2;
    run Notes();
    run Claims();
    for (j : 1 .. NQ) { run Puts(j) }
  }
}
