/* Waits as the kernel does them, for tests/at_moment.sh: faketime 0.9.10 gets these three wrong when it moves the clock.
 *
 * clock_nanosleep: a sleep until a moment of the monotonic clock (Python's time.sleep) is an error as soon as
 * FAKETIME_DONT_FAKE_MONOTONIC leaves that clock alone. epoll_wait: a signal handler that interrupts it is told the
 * true time. PostgreSQL asks the time in one, so none of its time limits ever ended a statement. pthread_cond_timedwait:
 * it ends at once, so that Python's threads burn processor time while they wait for each other: forty times as much.
 * All wait for a length of time, or by the monotonic clock, so there is nothing to fake.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *until, struct timespec *left)
{
    int before = errno, failed = syscall(SYS_clock_nanosleep, clock, flags, until, left) ? errno : 0;
    errno = before;
    return failed; /* this one gives its error back and leaves errno as it was */
}

int epoll_wait(int epoll, struct epoll_event *events, int most, int milliseconds)
{
    return syscall(SYS_epoll_pwait, epoll, events, most, milliseconds, NULL, 8);
}

int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *until)
{
    static int (*libc_waits)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
    if (!libc_waits) {
        void *libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
        *(void **)&libc_waits = dlsym(libc, "pthread_cond_timedwait");
    }
    return libc_waits(condition, mutex, until);
}
