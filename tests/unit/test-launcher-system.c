/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/system.h"

#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "failing-calls.h"
#include "launcher-fixture.h"

/*
 * The real kernel, as far as a test may ask it: what the launcher takes for an answer has to be one. What only
 * root may do is tried where the test is root. What changes a process is done in one of its own.
 */

#define must(condition)                                                                         \
    do {                                                                                        \
        if (!(condition)) {                                                                     \
            dprintf(STDOUT_FILENO, "line %d: %s: %s\n", __LINE__, #condition, strerror(errno)); \
            _exit(1);                                                                           \
        }                                                                                       \
    } while (0)

static void
in_a_process(void (*body)(void))
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        body();
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "see above");
}

START_TEST(test_namespace_name)
{
    static const char *const kinds[] = {"net", "ipc", "uts", "mnt"};
    char name[64];
    char again[64];

    for (size_t i = 0; i < ROWS(kinds); i++) {
        ck_assert_int_gt(system_linux.namespace_name(kinds[i], name, sizeof(name)), 0);
        ck_assert_int_eq(strncmp(name, kinds[i], strlen(kinds[i])), 0);
        ck_assert_int_gt(system_linux.namespace_name(kinds[i], again, sizeof(again)), 0);
        ck_assert_str_eq(name, again);
    }
    ck_assert_int_lt(system_linux.namespace_name("none", name, sizeof(name)), 0);
}
END_TEST

/* Whatever a link in it leads to is not what was named. */
START_TEST(test_open_directory)
{
    int fd = system_linux.open_directory(fixture_file("share/below/", NULL, 0));

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
    close(fd);
    ck_assert_int_eq(symlink("share", fixture_path("link")), 0);
    ck_assert_int_lt(system_linux.open_directory(fixture_path("link")), 0);
    ck_assert_int_lt(system_linux.open_directory(fixture_path("link/below")), 0);
    fixture_file("file", "", 0600);
    ck_assert_int_lt(system_linux.open_directory(fixture_path("file")), 0);
    ck_assert_int_lt(system_linux.open_directory(fixture_path("none")), 0);
}
END_TEST

START_TEST(test_look_at)
{
    struct stat st;
    struct statvfs fs;
    SystemPlace place;
    SystemPlace link;

    fixture_file("file", "", 0600);
    ck_assert_int_eq(symlink("file", fixture_path("link")), 0);
    ck_assert_int_eq(system_linux.look_at(fixture_path("file"), &place), 0);
    ck_assert_int_eq(stat(fixture_path("file"), &st), 0);
    ck_assert_int_eq(statvfs(fixture_path("file"), &fs), 0);
    ck_assert(place.device == st.st_dev && place.inode == st.st_ino && place.mount != 0 &&
              place.flags == fs.f_flag);
    ck_assert_int_eq(system_linux.look_at(fixture_path("link"), &link), 0);
    ck_assert(link.inode != place.inode && link.mount == place.mount);
    ck_assert_int_lt(system_linux.look_at(fixture_path("none"), &place), 0);
    fail_call("fstat", NULL, EIO);
    ck_assert_int_lt(system_linux.look_at(fixture_path("file"), &place), 0);
    fail_no_call();
}
END_TEST

START_TEST(test_read_directory)
{
    ck_assert_int_eq(system_linux.read_directory(fixture_root), 0);
    errno = 0;
    ck_assert_int_lt(system_linux.read_directory(fixture_path("none")), 0);
    ck_assert_int_eq(errno, ENOENT);
    fail_call("open", fixture_root, EACCES);
    ck_assert_int_lt(system_linux.read_directory(fixture_root), 0);
    ck_assert_int_eq(errno, EACCES);
    fail_no_call();
}
END_TEST

/* Where /proc does not say, the kernel's default stands. */
START_TEST(test_most_descriptors)
{
    uint64_t most = system_linux.most_descriptors();

    ck_assert_uint_gt(most, 1024);
    fail_call("open", "nr_open", EACCES);
    ck_assert_uint_eq(system_linux.most_descriptors(), 1024 * 1024);
    fail_no_call();
    fail_call("read", NULL, EIO);
    ck_assert_uint_eq(system_linux.most_descriptors(), 1024 * 1024);
    fail_no_call();
}
END_TEST

static void
raise_the_limit(void)
{
    struct rlimit limit = {.rlim_cur = 20, .rlim_max = 30};

    must(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    must(system_linux.raise_descriptors(25) == 0); /* it is more already */
    must(getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_max == 30);
    if (system_linux.raise_descriptors(40) == 0)
        must(getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_max == 40 && limit.rlim_cur == 20);
    else
        must(errno == EPERM);
}

START_TEST(test_raise_descriptors)
{
    in_a_process(raise_the_limit);
}
END_TEST

/* The end of the list is EINVAL, behind those that virtiofsd needs: see privileges_drop(). */
START_TEST(test_may_gain)
{
    int capability = 0;

    while (system_linux.may_gain(capability) >= 0)
        capability++;
    ck_assert_int_eq(errno, EINVAL);
    ck_assert_int_gt(capability, CAP_SETFCAP);
}
END_TEST

static void
drop_one(void)
{
    if (system_linux.drop_capability(CAP_SYS_BOOT) == 0)
        must(system_linux.may_gain(CAP_SYS_BOOT) == 0);
    else
        must(errno == EPERM);
}

START_TEST(test_drop_capability)
{
    in_a_process(drop_one);
}
END_TEST

/* Only that one call is refused, and that shows. */
static void
set_filter(void)
{
    struct sock_filter refuses[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_open, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {.len = ROWS(refuses), .filter = refuses};
    const struct sock_fprog none = {.len = 0};

    must(!system_linux.is_filtered());
    must(system_linux.add_filter(&none) < 0);
    must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    must(system_linux.add_filter(&program) == 0);
    must(system_linux.is_filtered());
}

START_TEST(test_filter)
{
    in_a_process(set_filter);
}
END_TEST

/* A place for reading alone, and everything else refused. */
static void
set_landlock(void)
{
    SystemLandlock attr = {.files = LANDLOCK_ACCESS_FS_READ_DIR};
    int abi = system_linux.landlock_version();
    struct landlock_path_beneath_attr rule = {.allowed_access = LANDLOCK_ACCESS_FS_READ_DIR};
    int rules;

    if (abi < 0) {
        must(errno == ENOSYS || errno == EOPNOTSUPP || errno == EPERM);
        return;
    }
    rules = system_linux.landlock_create(&attr);
    must(rules >= 0);
    rule.parent_fd = open(fixture_path("share"), O_PATH | O_CLOEXEC);
    must(system_linux.landlock_add(rules, &rule) == 0);
    must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    must(system_linux.landlock_restrict(rules, 0) == 0);
    must(system_linux.read_directory(fixture_path("share")) == 0);
    must(system_linux.read_directory(fixture_path("other")) < 0 && errno == EACCES);
}

START_TEST(test_landlock)
{
    fixture_file("share/", NULL, 0);
    fixture_file("other/", NULL, 0);
    in_a_process(set_landlock);
}
END_TEST

/* Nothing of it is known, or it is not loaded: never that it may. */
START_TEST(test_query)
{
    SystemAnswer answer = system_linux.query(SYSTEM_MAY_READ, "libvirt-none-virtiofsd", "/");

    ck_assert_msg(answer == SYSTEM_ERROR || answer == SYSTEM_NO_PROFILE, "%d", (int)answer);
}
END_TEST

/* None was set: neither one of that name, nor a success without one. */
START_TEST(test_exec_label)
{
    char *label = NULL;
    char *mode = NULL;

    ck_assert_int_lt(system_linux.set_exec_label("libvirt-none-virtiofsd"), 0);
    ck_assert_int_lt(system_linux.get_exec_label(&label, &mode), 0);
}
END_TEST

/* Of mounts what anybody may try; what the launcher sets is in the machine with an AppArmor kernel. */
static void
set_mounts(void)
{
    struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY};
    int directory = system_linux.open_directory(fixture_path("share"));
    SystemPlace before;
    SystemPlace after;
    int tree;

    must(system_linux.attach_mounts(-1, directory) < 0);
    must(system_linux.clone_mounts(-1) < 0);
    if (geteuid() != 0 || system_linux.unshare(CLONE_NEWNS) < 0)
        return;
    /* a descriptor from before is of the host's mount */
    must(system_linux.clone_mounts(directory) < 0);
    directory = system_linux.open_directory(fixture_path("share"));
    must(system_linux.look_at(fixture_path("share"), &before) == 0);
    must(system_linux.set_mounts(-1, &(struct mount_attr){.propagation = MS_SLAVE}) == 0);
    tree = system_linux.clone_mounts(directory);
    must(tree >= 0);
    must(system_linux.set_mounts(tree, &attr) == 0);
    must(system_linux.attach_mounts(tree, directory) == 0);
    must(system_linux.look_at(fixture_path("share"), &after) == 0);
    must(after.mount != before.mount && after.inode == before.inode && after.flags & ST_RDONLY);
}

START_TEST(test_mounts)
{
    fixture_file("share/", NULL, 0);
    in_a_process(set_mounts);
}
END_TEST

int
main(void)
{
    TCase *tc = tcase_create("system");

    tcase_add_checked_fixture(tc, fixture_setup, fixture_teardown);
    tcase_add_test(tc, test_namespace_name);
    tcase_add_test(tc, test_open_directory);
    tcase_add_test(tc, test_look_at);
    tcase_add_test(tc, test_read_directory);
    tcase_add_test(tc, test_most_descriptors);
    tcase_add_test(tc, test_raise_descriptors);
    tcase_add_test(tc, test_may_gain);
    tcase_add_test(tc, test_drop_capability);
    tcase_add_test(tc, test_filter);
    tcase_add_test(tc, test_landlock);
    tcase_add_test(tc, test_query);
    tcase_add_test(tc, test_exec_label);
    tcase_add_test(tc, test_mounts);
    return fixture_run("launcher-system", tc);
}
