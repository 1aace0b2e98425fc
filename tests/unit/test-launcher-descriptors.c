/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/descriptors.h"

#include <sys/wait.h>

#include "failing-calls.h"
#include "launcher-fixture.h"

/* Everything is done in a process of its own, whose descriptors and locks are not the test's. */

#define must(condition)                                                                         \
    do {                                                                                        \
        if (!(condition)) {                                                                     \
            dprintf(STDOUT_FILENO, "line %d: %s: %s\n", __LINE__, #condition, strerror(errno)); \
            _exit(1);                                                                           \
        }                                                                                       \
    } while (0)

/* As libvirt's child does it before exec: virPidFileAcquirePath(). */
static int
make_pid_file(pid_t pid)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
    int fd = open(fixture_path("vm-fs.pid"), O_WRONLY | O_CREAT | O_TRUNC, 0644);

    must(fd > STDERR_FILENO);
    must(fcntl(fd, F_SETLK, &lock) == 0);
    must(dprintf(fd, "%d", (int)pid) > 0);
    return fd;
}

/* As libvirtd asks whether the process lives: virPidFileReadPathIfLocked(). */
static bool
libvirt_sees_lock(void)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
    pid_t child = fork();
    int status;

    if (child == 0) {
        int fd = open(fixture_path("vm-fs.pid"), O_RDWR | O_CLOEXEC);

        _exit(fcntl(fd, F_SETLK, &lock) == 0 ? 0 : errno);
    }
    must(waitpid(child, &status, 0) == child && WIFEXITED(status));
    return WEXITSTATUS(status) == EAGAIN;
}

static void
pid_file(void)
{
    Failure failure;
    int listener = open("/dev/null", O_RDWR);
    int pid_fd = make_pid_file(getpid());

    must(libvirt_sees_lock());
    must(descriptors_hand_on(listener, &failure));
    must(libvirt_sees_lock());
    must((fcntl(pid_fd, F_GETFL) & O_ACCMODE) == O_RDONLY);
    must(!(fcntl(pid_fd, F_GETFD) & FD_CLOEXEC));
    must(write(pid_fd, "1", 1) < 0 && errno == EBADF);
    must(ftruncate(pid_fd, 0) < 0);
    /* closing another descriptor of the file does not drop the lock */
    close(open(fixture_path("vm-fs.pid"), O_RDONLY));
    must(libvirt_sees_lock());
    must(fcntl(listener, F_GETFD) == 0);
    close(pid_fd);
    must(!libvirt_sees_lock());
}

/* The lock goes through exec, and ends with the process. */
static void
pid_file_through_exec(void)
{
    Failure failure;
    int ends[2];
    char byte;
    int status;
    int pid_fd;
    pid_t child;

    must(pipe(ends) == 0);
    child = fork();
    if (child == 0) {
        /* stays open: libvirt leaves it so */
        pid_fd = make_pid_file(getpid());
        must(pid_fd >= 0);
        must(descriptors_hand_on(ends[1], &failure));
        dup2(ends[1], STDOUT_FILENO);
        execl("/bin/sh", "sh", "-c", "echo; exec sleep 10", NULL);
        _exit(1);
    }
    must(read(ends[0], &byte, 1) == 1);
    must(libvirt_sees_lock());
    kill(child, SIGKILL);
    must(waitpid(child, &status, 0) == child);
    must(!libvirt_sees_lock());
}

static void
others_are_closed(void)
{
    Failure failure;
    int listener = open("/dev/null", O_RDWR);
    int secret = open(fixture_file("secret", "text", 0600), O_RDWR);
    int directory = open("/", O_RDONLY | O_DIRECTORY);
    int other_pid_file = make_pid_file(getppid());
    int ours = open("/", O_PATH | O_CLOEXEC);
    int high = fcntl(listener, F_DUPFD, 500);

    must(high >= 500);
    must(descriptors_hand_on(listener, &failure));
    must(fcntl(secret, F_GETFD) < 0);
    must(fcntl(directory, F_GETFD) < 0);
    must(fcntl(other_pid_file, F_GETFD) < 0);
    must(fcntl(high, F_GETFD) < 0);
    must(fcntl(listener, F_GETFD) == 0);
    must(fcntl(ours, F_GETFD) == FD_CLOEXEC);
}

static void
standard_ones(void)
{
    Failure failure;
    int log = open(fixture_file("log", "", 0600), O_WRONLY);
    char link[PATH_MAX] = "";

    must(dup2(log, STDERR_FILENO) == STDERR_FILENO);
    must(dup2(open(fixture_path("log"), O_RDWR), STDIN_FILENO) == STDIN_FILENO);
    must(descriptors_hand_on(-1, &failure));
    must(fcntl(STDERR_FILENO, F_GETFL) & O_APPEND);
    must((fcntl(STDIN_FILENO, F_GETFL) & O_ACCMODE) == O_RDONLY);
    must(readlink("/proc/self/fd/0", link, sizeof(link) - 1) > 0);
    must(strcmp(link, "/dev/null") == 0);
}

/* virtiofsd has one through exec, whatever the launcher was started with. */
static void
no_standard_input(void)
{
    Failure failure;

    close(STDIN_FILENO);
    must(descriptors_hand_on(-1, &failure));
    must(fcntl(STDIN_FILENO, F_GETFD) == 0);
}

/* The pid file was removed or replaced: what is held is none, and is not kept. */
static void
pid_file_replaced(void)
{
    Failure failure;
    int fd = make_pid_file(getpid());

    must(unlink(fixture_path("vm-fs.pid")) == 0);
    fixture_file("vm-fs.pid", "1", 0644);
    must(descriptors_hand_on(-1, &failure));
    must(fcntl(fd, F_GETFD) < 0);
}

/* Somebody else holds a lock that no shared one can be beside. */
static void
pid_file_locked_by_another(void)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
    Failure failure;
    int fd = open(fixture_path("vm-fs.pid"), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    int other = open(fixture_path("vm-fs.pid"), O_WRONLY | O_CLOEXEC);

    must(dprintf(fd, "%d", (int)getpid()) > 0);
    must(fcntl(other, F_OFD_SETLK, &lock) == 0);
    must(!descriptors_hand_on(-1, &failure));
    must(strstr(failure.text, "cannot lock libvirt's pid file"));
}

/* ENOENT and the like say that a file has no name here; none of these does. */
static const int errors[] = {EIO, EMFILE, ENOMEM, EINVAL};

/* Every call fails in turn: nothing that libvirt left open outlives a success, and the pid file does. */
static void
one_fails(int error, unsigned at, bool *more)
{
    static const bool always = true;
    Failure failure;
    int listener = open("/dev/null", O_RDWR);
    int secret = open(fixture_file("secret", "text", 0600), O_RDWR);
    int pipe_ends[2];
    int log = open(fixture_file("log", "", 0600), O_WRONLY);
    int pid_fd = make_pid_file(getpid());
    bool done;

    must(pipe(pipe_ends) == 0 && dup2(log, STDERR_FILENO) == STDERR_FILENO);
    fail_nth_call(at, error, &always);
    done = descriptors_hand_on(listener, &failure);
    nth.at = 0;
    *more = nth.failed;
    if (!done) {
        must(failure.text[0]);
        return;
    }
    must(fcntl(secret, F_GETFD) < 0 && fcntl(log, F_GETFD) < 0);
    must(fcntl(pipe_ends[0], F_GETFD) < 0 && fcntl(pipe_ends[1], F_GETFD) < 0);
    must(fcntl(listener, F_GETFD) == 0);
    must(fcntl(STDERR_FILENO, F_GETFL) & O_APPEND);
    must((fcntl(pid_fd, F_GETFL) & O_ACCMODE) == O_RDONLY);
    must(libvirt_sees_lock());
}

START_TEST(test_each_call_fails)
{
    bool more = true;
    unsigned at = 0;

    while (more) {
        int status;
        pid_t child;

        ++at;
        child = fork();
        if (child == 0) {
            /* as often in a process whose locks are its own */
            one_fails(errors[_i], at, &more);
            _exit(more ? 2 : 0);
        }
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) != 1,
                      "number %u fails with %s: see above", at, strerror(errors[_i]));
        more = WEXITSTATUS(status) == 2;
    }
    ck_assert_msg(at > 20, "%u calls", at);
}
END_TEST

static const struct {
    const char *name;
    void (*body)(void);
} rows[] = {
    {"pid file", pid_file},
    {"pid file, through exec", pid_file_through_exec},
    {"others are closed", others_are_closed},
    {"standard ones", standard_ones},
    {"no standard input", no_standard_input},
    {"pid file replaced", pid_file_replaced},
    {"pid file locked by another", pid_file_locked_by_another},
};

START_TEST(test_descriptors)
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        rows[_i].body();
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s: see above", rows[_i].name);
}
END_TEST

int
main(void)
{
    TCase *tc = tcase_create("descriptors");

    tcase_add_checked_fixture(tc, fixture_setup, fixture_teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, test_descriptors, 0, ROWS(rows));
    tcase_add_loop_test(tc, test_each_call_fails, 0, ROWS(errors));
    return fixture_run("launcher-descriptors", tc);
}
