// Makes the disk one that syncs 260 times a second, or slower if it is: for LD_PRELOAD, by `make bench-audit`.
//
//     cc -O2 -shared -fPIC slow_disk.c -o slow_disk.so
//
// All syncs of the process wait for each other, as they do for the one disk that they are on.

#define _GNU_SOURCE
#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { NANOSECONDS_A_SYNC = 1000000000 / 260 };

static pthread_mutex_t disk = PTHREAD_MUTEX_INITIALIZER;

static int sync_slowly(long call, int file) {
    struct timespec end;
    pthread_mutex_lock(&disk);
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_nsec += NANOSECONDS_A_SYNC;
    if (end.tv_nsec >= 1000000000) {
        end.tv_nsec -= 1000000000;
        end.tv_sec++;
    }
    int result = syscall(call, file);
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL);
    pthread_mutex_unlock(&disk);
    return result;
}

int fdatasync(int file) { return sync_slowly(SYS_fdatasync, file); }

int fsync(int file) { return sync_slowly(SYS_fsync, file); }
