/* Sets the clock of a program and of everything it starts: script/test --on DATE loads it with LD_PRELOAD.

   Wall-clock time is the machine's plus CLOCK_OFFSET seconds. Monotonic time stays as it is, so that no pause and
   no timeout changes; a wait until a wall-clock moment is put back by the offset. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

/* No machine has been up for thirty years: a greater moment is one of the wall clock. */
#define LONGEST_UPTIME 1000000000

static time_t offset(void) {
  static time_t seconds;
  static int known;
  if (!known) {
    const char *text = getenv("CLOCK_OFFSET");
    seconds = text ? atoll(text) : 0;
    known = 1;
  }
  return seconds;
}

static int is_wall_clock(clockid_t clock) { return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE; }

static struct timespec real_moment(const struct timespec *faked) {
  struct timespec real = *faked;
  if (real.tv_sec > LONGEST_UPTIME) real.tv_sec -= offset();
  return real;
}

/* Reading */

int clock_gettime(clockid_t clock, struct timespec *now) {
  static int (*next)(clockid_t, struct timespec *);
  if (!next) next = dlsym(RTLD_NEXT, "clock_gettime");
  int failed = next(clock, now);
  if (!failed && is_wall_clock(clock)) now->tv_sec += offset();
  return failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  struct timespec moment;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &moment);
  now->tv_sec = moment.tv_sec;
  now->tv_usec = moment.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *now) {
  struct timespec moment;
  clock_gettime(CLOCK_REALTIME_COARSE, &moment);
  if (now) *now = moment.tv_sec;
  return moment.tv_sec;
}

int timespec_get(struct timespec *now, int base) {
  return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, now) == 0 ? base : 0;
}

/* Waiting until a moment */

int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *until) {
  static int (*next)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
  /* glibc keeps an older, incompatible function under the same name; x86 numbers the newer one so. */
  if (!next) next = dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
  if (!next) next = dlsym(RTLD_NEXT, "pthread_cond_timedwait");
  struct timespec real = real_moment(until);
  return next(condition, mutex, &real);
}

int sem_timedwait(sem_t *semaphore, const struct timespec *until) {
  static int (*next)(sem_t *, const struct timespec *);
  if (!next) next = dlsym(RTLD_NEXT, "sem_timedwait");
  struct timespec real = real_moment(until);
  return next(semaphore, &real);
}

int pthread_mutex_timedlock(pthread_mutex_t *mutex, const struct timespec *until) {
  static int (*next)(pthread_mutex_t *, const struct timespec *);
  if (!next) next = dlsym(RTLD_NEXT, "pthread_mutex_timedlock");
  struct timespec real = real_moment(until);
  return next(mutex, &real);
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *wanted, struct timespec *left) {
  static int (*next)(clockid_t, int, const struct timespec *, struct timespec *);
  if (!next) next = dlsym(RTLD_NEXT, "clock_nanosleep");
  if (!(flags & TIMER_ABSTIME)) return next(clock, flags, wanted, left);
  struct timespec real = real_moment(wanted);
  return next(clock, flags, &real, left);
}
