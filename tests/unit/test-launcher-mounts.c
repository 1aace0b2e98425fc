/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/mounts.h"

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include "launcher-fixture.h"
#include "launcher/share.h"

/* ---- a kernel in which one thing goes wrong ---- */

typedef enum {
    NOTHING,
    OPEN_FAILS,
    OPENS_ANOTHER,
    LOOK_FAILS,
    SLAVE_FAILS,
    CLONE_FAILS,
    FLAGS_FAIL,
    READONLY_FAILS,
    ATTACH_FAILS,
    ATTACH_LIES,
    FLAGS_LIE,
    READONLY_LIES,
    LEADS_ELSEWHERE,
} Trouble;

static struct {
    Trouble trouble;
    bool slave;
    bool cloned;
    uint64_t flags;
    bool root_readonly;
    bool attached;
} kernel;

static int
not_there(void)
{
    errno = ENOSYS;
    return -1;
}

static int
fake_open_directory(const char *path)
{
    if (kernel.trouble == OPEN_FAILS)
        return not_there();
    return open(kernel.trouble == OPENS_ANOTHER ? "/" : path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static int
fake_look_at(const char *path, SystemPlace *place)
{
    struct stat found;
    bool share = strcmp(path, fixture_path("share")) == 0;
    bool copy = share && kernel.attached;

    if (kernel.trouble == LOOK_FAILS)
        return not_there();
    ck_assert_int_eq(stat(path, &found), 0);
    place->device = found.st_dev;
    place->inode = copy && kernel.trouble == LEADS_ELSEWHERE ? 1 : found.st_ino;
    place->mount = copy && kernel.trouble != ATTACH_LIES ? 2 : 1;
    place->flags = 0;
    if (copy && kernel.trouble != FLAGS_LIE)
        place->flags = ST_NOSUID | ST_NODEV | (kernel.flags & MOUNT_ATTR_NOEXEC ? ST_NOEXEC : 0) |
                       (kernel.flags & MOUNT_ATTR_RDONLY ? ST_RDONLY : 0);
    if (!copy && kernel.root_readonly && kernel.trouble != READONLY_LIES)
        place->flags = ST_RDONLY;
    return 0;
}

static int
fake_clone_mounts(int directory)
{
    ck_assert_int_ge(directory, 0);
    ck_assert_msg(kernel.slave, "the copy would be a peer of the host's");
    kernel.cloned = true;
    return kernel.trouble == CLONE_FAILS ? not_there() : open("/", O_PATH | O_CLOEXEC);
}

static int
fake_set_mounts(int tree, const struct mount_attr *attr)
{
    if (attr->propagation) {
        ck_assert_uint_eq(attr->propagation, MS_SLAVE);
        ck_assert_int_eq(tree, -1);
        kernel.slave = true;
        return kernel.trouble == SLAVE_FAILS ? not_there() : 0;
    }
    if (tree >= 0) {
        kernel.flags = attr->attr_set;
        return kernel.trouble == FLAGS_FAIL ? not_there() : 0;
    }
    ck_assert_msg(!kernel.attached, "the copy would become read-only too");
    kernel.root_readonly = attr->attr_set & MOUNT_ATTR_RDONLY;
    return kernel.trouble == READONLY_FAILS ? not_there() : 0;
}

static int
fake_attach_mounts(int tree, int directory)
{
    ck_assert(tree >= 0 && directory >= 0);
    ck_assert_msg(kernel.root_readonly && kernel.flags, "attached before it was safe");
    kernel.attached = true;
    return kernel.trouble == ATTACH_FAILS ? not_there() : 0;
}

static const System fake = {
    .open_directory = fake_open_directory,
    .look_at = fake_look_at,
    .clone_mounts = fake_clone_mounts,
    .set_mounts = fake_set_mounts,
    .attach_mounts = fake_attach_mounts,
};

static bool
set_with(const System *system, const char *share, const char *binary, bool readonly,
         Failure *failure)
{
    struct stat found;
    ShareHeld held = {.fd = -1};
    MountsWanted wanted = {
        .share = share,
        .held = &held,
        .binary = binary,
        .readonly = readonly,
    };
    ck_assert_int_eq(stat(share, &found), 0);
    held.device = found.st_dev;
    held.inode = found.st_ino;
    return mounts_set(system, &wanted, failure);
}

static const struct {
    const char *name;
    Trouble trouble;
    const char *why;
} troubles[] = {
    {"open", OPEN_FAILS, "cannot open the directory again"},
    {"swapped", OPENS_ANOTHER, "another directory took its place"},
    {"look", LOOK_FAILS, "cannot look at the mount"},
    {"slave", SLAVE_FAILS, "cannot set the mounts of /: "},
    {"clone", CLONE_FAILS, "cannot copy the directory's mounts"},
    {"flags", FLAGS_FAIL, "cannot set the mounts of /tmp"},
    {"read-only", READONLY_FAILS, "cannot set the mounts of /: "},
    {"attach", ATTACH_FAILS, "cannot mount the directory"},
    {"attached nowhere", ATTACH_LIES, "does not lead to its mount"},
    {"flags not set", FLAGS_LIE, "other flags than were set"},
    {"read-only not set", READONLY_LIES, "did not become read-only"},
    {"leads elsewhere", LEADS_ELSEWHERE, "does not lead to its mount"},
};

START_TEST(test_troubles)
{
    Failure failure;

    memset(&kernel, 0, sizeof(kernel));
    kernel.trouble = troubles[_i].trouble;
    ck_assert_msg(!set_with(&fake, fixture_path("share"), "/usr/x", false, &failure), "%s",
                  troubles[_i].name);
    ck_assert_msg(strstr(failure.text, troubles[_i].why), "%s: %s", troubles[_i].name,
                  failure.text);
    kernel.trouble = NOTHING;
    memset(&kernel, 0, sizeof(kernel));
    ck_assert(set_with(&fake, fixture_path("share"), "/usr/x", false, &failure));
    ck_assert_uint_eq(kernel.flags, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
}
END_TEST

START_TEST(test_read_only_and_programs)
{
    Failure failure;

    memset(&kernel, 0, sizeof(kernel));
    ck_assert(set_with(&fake, fixture_path("share"), "/usr/x", true, &failure));
    ck_assert(kernel.flags & MOUNT_ATTR_RDONLY);
    memset(&kernel, 0, sizeof(kernel));
    ck_assert(set_with(&fake, fixture_path("share"), fixture_path("share/bin/virtiofsd"), false,
                       &failure));
    ck_assert(!(kernel.flags & MOUNT_ATTR_NOEXEC));
    memset(&kernel, 0, sizeof(kernel));
    ck_assert(
        set_with(&fake, fixture_path("share"), fixture_path("share2/virtiofsd"), false, &failure));
    ck_assert(kernel.flags & MOUNT_ATTR_NOEXEC);
    memset(&kernel, 0, sizeof(kernel));
    ck_assert(set_with(&fake, "/", "/usr/x", true, &failure));
    ck_assert(kernel.slave && kernel.root_readonly && !kernel.cloned);
}
END_TEST

/* ---- the kernel of this machine, in a namespace that only the test is in ---- */

static int
outcome(int value)
{
    return value < 0 ? errno : 0;
}

/* In a process of its own an assertion of the suite would go on with the suite. */
#define must(condition)                                                                  \
    do {                                                                                 \
        if (!(condition)) {                                                              \
            fprintf(stderr, "line %d: %s: %s\n", __LINE__, #condition, strerror(errno)); \
            _exit(1);                                                                    \
        }                                                                                \
    } while (0)

/* Whether the file can be written, by every way that does not open it; 0, or the common errno. */
static int
change(const char *path)
{
    struct timeval times[2] = {{1, 0}, {1, 0}};
    char below[PATH_MAX + 300];
    int first = outcome(utimes(path, times));

    snprintf(below, sizeof(below), "%s-new", path);
    must(outcome(setxattr(path, "user.x", "1", 1, 0)) == first);
    must(outcome(chmod(path, 0640)) == first);
    must(outcome(chown(path, 1, 1)) == first);
    must(outcome(link(path, below)) == first);
    must(first ? first : outcome(unlink(below)) == first);
    must(outcome(truncate(path, 1)) == first);
    must(outcome(open(path, O_WRONLY | O_CLOEXEC)) == first);
    return first;
}

/* A host's root that is a peer of others', as systemd makes it, with mounts in the share. */
static void
make_host(void)
{
    must(unshare(CLONE_NEWNS) == 0);
    must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
    must(mount(fixture_root, fixture_root, NULL, MS_BIND, NULL) == 0);
    must(mount(NULL, fixture_root, NULL, MS_SHARED, NULL) == 0);
    fixture_file("share/inner/", NULL, 0);
    fixture_file("share/fixed/", NULL, 0);
    fixture_file("share/later/", NULL, 0);
    must(mount("tmpfs", fixture_path("share/inner"), "tmpfs", 0, NULL) == 0);
    must(mount("tmpfs", fixture_path("share/fixed"), "tmpfs", MS_RDONLY, NULL) == 0);
    fixture_file("share/inner/file", "text", 0644);
}

/* The mounts as virtiofsd gets them; what was seen goes to standard error, and the status tells. */
static void
enter(bool readonly)
{
    Failure failure;
    char *share = NULL;
    ShareHeld held;

    must(share_resolve(fixture_path("share"), &share, &held, &failure));
    must(unshare(CLONE_NEWNS) == 0);
    must(mounts_set(&system_linux, &(MountsWanted){share, &held, "/usr/x", readonly}, &failure));
    free(share);
    close(held.fd);
}

static int ready[2], go[2];

static void
in_namespace_writable(void)
{
    char byte = 0;

    enter(false);
    must(change(fixture_path("share/file")) == 0);
    must(change(fixture_path("share/inner/file")) == 0);
    must(change(fixture_path("other/file")) == EROFS);
    must(outcome(mknod(fixture_path("share/zero"), S_IFCHR | 0666, makedev(1, 5))) == 0);
    must(outcome(open(fixture_path("share/zero"), O_RDONLY | O_CLOEXEC)) == EACCES);
    must(outcome(execl(fixture_path("share/run"), "run", NULL)) == EACCES);
    must(outcome(mkdir(fixture_path("share/fixed/x"), 0755)) == EROFS);
    /* the descriptor that virtiofsd's chroot leaves it leads to what is read-only */
    must(outcome(mkdir("/proc/self/cwd/x", 0755)) == EROFS);
    must(write(ready[1], &byte, 1) == 1);
    must(read(go[0], &byte, 1) == 1);
    must(outcome(access(fixture_path("share/later/file"), W_OK)) == 0);
}

static void
in_namespace_readonly(void)
{
    enter(true);
    must(change(fixture_path("share/file")) == EROFS);
    must(change(fixture_path("share/inner/file")) == EROFS);
    must(access(fixture_path("share/file"), R_OK) == 0);
}

/* The share is swapped for a link after it was resolved. */
static void
in_namespace_swapped(void)
{
    Failure failure;
    char *share = NULL;
    ShareHeld held;

    must(share_resolve(fixture_path("other"), &share, &held, &failure));
    must(unshare(CLONE_NEWNS) == 0);
    must(rename(fixture_path("other"), fixture_path("was")) == 0);
    must(symlink("share", fixture_path("other")) == 0);
    must(!mounts_set(&system_linux, &(MountsWanted){share, &held, "/usr/x", false}, &failure));
    must(strstr(failure.text, "cannot open the directory again"));
    must(unlink(fixture_path("other")) == 0);
    must(mkdir(fixture_path("other"), 0755) == 0);
    must(!mounts_set(&system_linux, &(MountsWanted){share, &held, "/usr/x", false}, &failure));
    must(strstr(failure.text, "another directory took its place"));
    free(share);
    close(held.fd);
}

static void
run_child(void (*body)(void), bool mount_later)
{
    int status;
    char byte = 0;
    pid_t host = fork();

    if (host == 0) {
        pid_t child;

        make_host();
        child = fork();
        if (child == 0) {
            body();
            _exit(0);
        }
        close(ready[1]); /* so that the end of the child is the end of waiting for it */
        if (mount_later && read(ready[0], &byte, 1) == 1) {
            must(mount("tmpfs", fixture_path("share/later"), "tmpfs", 0, NULL) == 0);
            fixture_file("share/later/file", "", 0644);
            must(write(go[1], &byte, 1) == 1);
        }
        must(waitpid(child, &status, 0) == child);
        /* nothing shows on the host */
        must(mkdir(fixture_path("beside"), 0755) == 0);
        _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 99);
    }
    close(ready[1]);
    ready[1] = -1;
    ck_assert_int_eq(waitpid(host, &status, 0), host);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "see above: status %d", status);
}

static bool
may_mount(void)
{
    pid_t child = fork();
    int status = 0;

    if (child == 0)
        _exit(unshare(CLONE_NEWNS) == 0 ? 0 : 1);
    return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void
setup(void)
{
    fixture_setup();
    fixture_file("share/file", "text", 0644);
    fixture_file("share/run", "#!/bin/sh\n", 0755);
    fixture_file("other/file", "text", 0644);
    ck_assert_int_eq(pipe(ready), 0);
    ck_assert_int_eq(pipe(go), 0);
    ck_assert_int_eq(chdir(fixture_path("other")), 0);
}

static void
teardown(void)
{
    ck_assert_int_eq(chdir("/"), 0);
    for (int i = 0; i < 2; i++) {
        close(ready[i]);
        close(go[i]);
    }
    fixture_teardown();
}

START_TEST(test_kernel)
{
    if (_i == 0)
        run_child(in_namespace_writable, true);
    else if (_i == 1)
        run_child(in_namespace_readonly, false);
    else
        run_child(in_namespace_swapped, false);
}
END_TEST

int
main(void)
{
    TCase *tc = tcase_create("mounts");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, test_troubles, 0, ROWS(troubles));
    tcase_add_test(tc, test_read_only_and_programs);
    if (may_mount())
        tcase_add_loop_test(tc, test_kernel, 0, 3);
    else
        fprintf(stderr, "SKIP: the mounts of a real kernel need root\n");
    return fixture_run("launcher-mounts", tc);
}
