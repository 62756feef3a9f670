/* One misfortune at one exact point of one process, for tests: built by them and loaded into the real binary with
   LD_PRELOAD, so that the product needs no seam.

   It counts, over all threads, what changes files below MISFORTUNE_STATE ("files") and the HTTP requests that change
   something ("calls"), each from 1, and at the point that MISFORTUNE_RULE names lets something happen:

     files=N:kill      SIGKILL before the Nth change; what was written stays in the page cache and is kept
     files=N:power     the machine loses power before it: whatever was not fsync'd is undone, content and names
     files=N:torn      half of the Nth change is written, then SIGKILL
     files=N:full      from the Nth change on the disk is full
     files=N:eio       the Nth change fails with EIO, once
     calls=N:before    SIGKILL before the Nth call is sent
     calls=N:half      half of it is sent, then SIGKILL
     calls=N:sent      SIGKILL when it has been sent
     calls=N:replied   SIGKILL when its answer is there, before anybody has read it
     calls=N:dark      as "replied", and the machine loses power

   MISFORTUNE_CLOCK moves the clock by so many seconds. At its end, whichever, the process leaves "files F calls C" in
   MISFORTUNE_REPORT, followed by " fired" when the rule came true. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char state[PATH_MAX], report[PATH_MAX], where[8], what[16];
static size_t state_length;
static long nth, files, calls, clock_offset;
static int fired, answering = -1;

/* Content that the disk does not have yet, as it was before. */
static struct { dev_t device; ino_t inode; int file; char *bytes; size_t length; } contents[256];
/* Names that the disk does not have yet, newest last. */
enum change { MADE, MADE_FOLDER, RENAMED, REMOVED };
static struct { enum change change; char *folder, *path, *from, *saved; } names[512];
static int content_count, name_count, saved_count;

__attribute__((constructor)) static void begin(void) {
    const char *value = getenv("MISFORTUNE_STATE");
    if (value) state_length = strlen(strncpy(state, value, sizeof state - 1));
    if ((value = getenv("MISFORTUNE_REPORT"))) strncpy(report, value, sizeof report - 1);
    if ((value = getenv("MISFORTUNE_RULE"))) sscanf(value, "%7[a-z]=%ld:%15[a-z]", where, &nth, what);
    if ((value = getenv("MISFORTUNE_CLOCK"))) clock_offset = atol(value);
}

__attribute__((destructor)) static void tell(void) {
    if (!*report) return;
    char text[80];
    int length = snprintf(text, sizeof text, "files %ld calls %ld%s\n", files, calls, fired ? " fired" : "");
    int file = syscall(SYS_openat, AT_FDCWD, report, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file >= 0) syscall(SYS_write, file, text, length), syscall(SYS_close, file);
}

static void die(void) {
    fired = 1;
    tell();
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;) pause();
}

/* MARK: What the disk has */

static int path_of(int descriptor, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return 1;
}

static int is_state(const char *path) {
    return state_length && !strncmp(path, state, state_length) && (path[state_length] == '/' || !path[state_length]);
}

static int is_state_file(int descriptor) {
    char path[PATH_MAX];
    struct stat status;
    return state_length && path_of(descriptor, path) && is_state(path) && !fstat(descriptor, &status)
        && S_ISREG(status.st_mode);
}

/* The whole path of a name below a folder held open; 0 when it is not of the state. */
static int resolve(int folder, const char *name, char *path) {
    if (!state_length) return 0;
    if (*name == '/') {
        snprintf(path, PATH_MAX, "%s", name);
    } else {
        char base[PATH_MAX];
        if (folder == AT_FDCWD ? !getcwd(base, sizeof base) : !path_of(folder, base)) return 0;
        if (snprintf(path, PATH_MAX, "%s/%s", base, name) >= PATH_MAX) return 0;
    }
    return is_state(path);
}

/* Before the content of a file changes: keeps what the disk has. */
static void keep_content(int descriptor) {
    struct stat status;
    char link[64];
    if (fstat(descriptor, &status) || content_count == 256) return;
    for (int i = 0; i < content_count; i++)
        if (contents[i].inode == status.st_ino && contents[i].device == status.st_dev) return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    int file = syscall(SYS_openat, AT_FDCWD, link, O_RDWR | O_CLOEXEC);
    if (file < 0) return;
    char *bytes = malloc(status.st_size + 1);
    if (!bytes || pread(file, bytes, status.st_size, 0) != status.st_size) abort();
    contents[content_count].device = status.st_dev;
    contents[content_count].inode = status.st_ino;
    contents[content_count].file = file;
    contents[content_count].bytes = bytes;
    contents[content_count++].length = status.st_size;
}

static void drop_content(int index) {
    syscall(SYS_close, contents[index].file);
    free(contents[index].bytes);
    contents[index] = contents[--content_count];
}

/* A second name for what `path` is now, outside of the state; NULL when there is nothing. */
static char *save(const char *path) {
    char saved[PATH_MAX + 32];
    snprintf(saved, sizeof saved, "%s.saved-%d-%d", report, getpid(), saved_count++);
    return syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, saved, 0) ? NULL : strdup(saved);
}

static void note_name(enum change change, const char *path, const char *from, char *saved) {
    if (name_count == 512) abort();
    names[name_count].change = change;
    names[name_count].path = strdup(path);
    names[name_count].folder = strndup(path, strrchr(path, '/') - path);
    names[name_count].from = from ? strdup(from) : NULL;
    names[name_count++].saved = saved;
}

static void is_durable(int descriptor) {
    struct stat status;
    char path[PATH_MAX];
    if (fstat(descriptor, &status) || !path_of(descriptor, path)) return;
    for (int i = content_count; i-- > 0;)
        if (contents[i].inode == status.st_ino && contents[i].device == status.st_dev) drop_content(i);
    if (!S_ISDIR(status.st_mode)) return;
    int kept = 0;
    for (int i = 0; i < name_count; i++) {
        if (strcmp(names[i].folder, path)) {
            names[kept++] = names[i];
        } else if (names[i].saved) {
            syscall(SYS_unlinkat, AT_FDCWD, names[i].saved, 0);
        }
    }
    name_count = kept;
}

/* With all that is in it, whether that was fsync'd or not. */
static void lose_folder(const char *path) {
    char lost[PATH_MAX + 32];
    if (!syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR)) return;
    snprintf(lost, sizeof lost, "%s.lost-%d", report, saved_count++);
    syscall(SYS_renameat2, AT_FDCWD, path, AT_FDCWD, lost, 0);
}

/* What a power cut at its worst leaves: nothing of what was not fsync'd. */
static void lose_power(void) {
    for (int i = content_count; i-- > 0;) {
        if (syscall(SYS_ftruncate, contents[i].file, 0)) abort();
        if (pwrite(contents[i].file, contents[i].bytes, contents[i].length, 0) != (ssize_t)contents[i].length) abort();
    }
    for (int i = name_count; i-- > 0;) {
        const char *path = names[i].path;
        switch (names[i].change) {
        case MADE: syscall(SYS_unlinkat, AT_FDCWD, path, 0); break;
        case MADE_FOLDER: lose_folder(path); break;
        case RENAMED: syscall(SYS_renameat2, AT_FDCWD, path, AT_FDCWD, names[i].from, 0); break;
        case REMOVED: break;
        }
        if (names[i].saved) syscall(SYS_renameat2, AT_FDCWD, names[i].saved, AT_FDCWD, path, 0);
    }
    die();
}

/* MARK: Points */

/* Counts a change of a file. Non-zero: it must fail with errno as it is now. */
static int change(int grows, int descriptor, const void *bytes, size_t length) {
    files++;
    if (strcmp(where, "files") || files < nth) return 0;
    if (!strcmp(what, "full")) {
        fired = 1;
        errno = ENOSPC;
        return grows;
    }
    if (files > nth) return 0;
    if (!strcmp(what, "kill")) die();
    if (!strcmp(what, "power")) lose_power();
    if (!strcmp(what, "torn")) {
        if (bytes) syscall(SYS_write, descriptor, bytes, length / 2);
        die();
    }
    if (!strcmp(what, "eio")) {
        fired = 1;
        errno = EIO;
        return 1;
    }
    return 0;
}

ssize_t write(int descriptor, const void *bytes, size_t length) {
    if (!is_state_file(descriptor)) return syscall(SYS_write, descriptor, bytes, length);
    pthread_mutex_lock(&lock);
    keep_content(descriptor);
    ssize_t result = change(1, descriptor, bytes, length) ? -1 : syscall(SYS_write, descriptor, bytes, length);
    pthread_mutex_unlock(&lock);
    return result;
}

int ftruncate(int descriptor, off_t length) {
    if (!is_state_file(descriptor)) return syscall(SYS_ftruncate, descriptor, length);
    pthread_mutex_lock(&lock);
    keep_content(descriptor);
    int result = change(0, descriptor, NULL, 0) ? -1 : syscall(SYS_ftruncate, descriptor, length);
    pthread_mutex_unlock(&lock);
    return result;
}
int ftruncate64(int descriptor, off_t length) { return ftruncate(descriptor, length); }

/* The folder that the state lies in: its fsync makes the state's own name durable. */
static int is_around(const char *path) {
    size_t length = strlen(path);
    return !strncmp(path, state, length) && state[length] == '/' && !strchr(state + length + 1, '/');
}

static int flush(long call, int descriptor) {
    char path[PATH_MAX];
    if (!state_length || !path_of(descriptor, path) || !(is_state(path) || is_around(path)))
        return syscall(call, descriptor);
    pthread_mutex_lock(&lock);
    int result = change(0, descriptor, NULL, 0) ? -1 : syscall(call, descriptor);
    if (!result) is_durable(descriptor);
    pthread_mutex_unlock(&lock);
    return result;
}
int fsync(int descriptor) { return flush(SYS_fsync, descriptor); }
int fdatasync(int descriptor) { return flush(SYS_fdatasync, descriptor); }

int openat(int folder, const char *name, int flags, ...) {
    mode_t mode = 0;
    if (flags & O_CREAT) {
        va_list rest;
        va_start(rest, flags);
        mode = va_arg(rest, mode_t);
        va_end(rest);
    }
    char path[PATH_MAX];
    if (!(flags & (O_CREAT | O_TRUNC)) || !resolve(folder, name, path))
        return syscall(SYS_openat, folder, name, flags, mode);
    pthread_mutex_lock(&lock);
    int is_new = syscall(SYS_faccessat, AT_FDCWD, path, F_OK) != 0;
    int result = is_new && change(1, -1, NULL, 0) ? -1 : syscall(SYS_openat, folder, name, flags & ~O_TRUNC, mode);
    if (result >= 0 && is_new) note_name(MADE, path, NULL, NULL);
    pthread_mutex_unlock(&lock);
    if (result >= 0 && !is_new && flags & O_TRUNC && ftruncate(result, 0)) return -1;
    return result;
}
int open(const char *name, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return openat(AT_FDCWD, name, flags, mode);
}
int open64(const char *, int, ...) __attribute__((alias("open")));
int openat64(int, const char *, int, ...) __attribute__((alias("openat")));

int mkdirat(int folder, const char *name, mode_t mode) {
    char path[PATH_MAX];
    if (!resolve(folder, name, path) || !syscall(SYS_faccessat, AT_FDCWD, path, F_OK))
        return syscall(SYS_mkdirat, folder, name, mode);
    pthread_mutex_lock(&lock);
    int result = change(1, -1, NULL, 0) ? -1 : syscall(SYS_mkdirat, folder, name, mode);
    if (!result) note_name(MADE_FOLDER, path, NULL, NULL);
    pthread_mutex_unlock(&lock);
    return result;
}
int mkdir(const char *name, mode_t mode) { return mkdirat(AT_FDCWD, name, mode); }

int linkat(int from, const char *old, int to, const char *name, int flags) {
    char path[PATH_MAX];
    if (!resolve(to, name, path)) return syscall(SYS_linkat, from, old, to, name, flags);
    pthread_mutex_lock(&lock);
    int result = change(1, -1, NULL, 0) ? -1 : syscall(SYS_linkat, from, old, to, name, flags);
    if (!result) note_name(MADE, path, NULL, NULL);
    pthread_mutex_unlock(&lock);
    return result;
}
int link(const char *old, const char *name) { return linkat(AT_FDCWD, old, AT_FDCWD, name, 0); }

int renameat2(int from, const char *old, int to, const char *name, unsigned flags) {
    char source[PATH_MAX], path[PATH_MAX];
    if (!resolve(to, name, path) || !resolve(from, old, source))
        return syscall(SYS_renameat2, from, old, to, name, flags);
    pthread_mutex_lock(&lock);
    int result = -1;
    if (!change(0, -1, NULL, 0)) {
        char *saved = save(path);
        result = syscall(SYS_renameat2, from, old, to, name, flags);
        if (!result) note_name(RENAMED, path, source, saved);
    }
    pthread_mutex_unlock(&lock);
    return result;
}
int renameat(int from, const char *old, int to, const char *name) { return renameat2(from, old, to, name, 0); }
int rename(const char *old, const char *name) { return renameat2(AT_FDCWD, old, AT_FDCWD, name, 0); }

int unlinkat(int folder, const char *name, int flags) {
    char path[PATH_MAX];
    if (!resolve(folder, name, path) || syscall(SYS_faccessat, AT_FDCWD, path, F_OK))
        return syscall(SYS_unlinkat, folder, name, flags);
    pthread_mutex_lock(&lock);
    int result = -1;
    if (!change(0, -1, NULL, 0)) {
        char *saved = flags & AT_REMOVEDIR ? NULL : save(path);
        result = syscall(SYS_unlinkat, folder, name, flags);
        if (!result && saved) note_name(REMOVED, path, NULL, saved);
    }
    pthread_mutex_unlock(&lock);
    return result;
}
int unlink(const char *name) { return unlinkat(AT_FDCWD, name, 0); }
int rmdir(const char *name) { return unlinkat(AT_FDCWD, name, AT_REMOVEDIR); }

/* MARK: Calls */

static int starts(const char *bytes, size_t length, const char *word) {
    return length > strlen(word) && !strncmp(bytes, word, strlen(word));
}

/* Whether these bytes begin an HTTP request that changes something. A query API posts its questions too. */
static int changes(const char *bytes, size_t length) {
    if (starts(bytes, length, "PUT ") || starts(bytes, length, "PATCH ") || starts(bytes, length, "DELETE "))
        return 1;
    if (!starts(bytes, length, "POST ")) return 0;
    return !memmem(bytes, length, "Action=Describe", 15) && !memmem(bytes, length, "Action=Get", 10)
        && !memmem(bytes, length, "X-Amz-Target", 12) && !memmem(bytes, length, "x-amz-target", 12);
}

ssize_t send(int socket, const void *bytes, size_t length, int flags) {
    if (!state_length || !changes(bytes, length)) return syscall(SYS_sendto, socket, bytes, length, flags, NULL, 0);
    pthread_mutex_lock(&lock);
    int hit = ++calls == nth && !strcmp(where, "calls");
    if (hit && !strcmp(what, "before")) die();
    if (hit && !strcmp(what, "half")) {
        syscall(SYS_sendto, socket, bytes, length / 2, flags, NULL, 0);
        die();
    }
    ssize_t result = syscall(SYS_sendto, socket, bytes, length, flags, NULL, 0);
    if (hit && result > 0 && !strcmp(what, "sent")) die();
    if (hit && result > 0) answering = socket;
    pthread_mutex_unlock(&lock);
    return result;
}

ssize_t recv(int socket, void *bytes, size_t length, int flags) {
    ssize_t result = syscall(SYS_recvfrom, socket, bytes, length, flags, NULL, NULL);
    if (result <= 0 || socket != answering || flags & MSG_PEEK) return result;
    pthread_mutex_lock(&lock);
    if (!strcmp(what, "dark")) lose_power();
    die();
    return result;
}

/* MARK: Time */

int clock_gettime(clockid_t clock, struct timespec *time) {
    int result = syscall(SYS_clock_gettime, clock, time);
    if (!result && clock == CLOCK_REALTIME) time->tv_sec += clock_offset;
    return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    (void)zone;
    return 0;
}

time_t time(time_t *result) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (result) *result = now.tv_sec;
    return now.tv_sec;
}
