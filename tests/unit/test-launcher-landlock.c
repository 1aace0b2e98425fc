/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/landlock.h"

#include <signal.h>
#include <sys/wait.h>

#include "launcher-fixture.h"

/* ---- a kernel that says what the test wants ---- */

static struct {
    int version;
    int version_errno;
    bool create_fails;
    int add_fails_at; /* the how-manieth rule; 0 for none */
    bool restrict_fails;
    bool lies; /* says yes and does nothing */
} world;

static struct {
    SystemLandlock attr;
    int rules;
    uint64_t last_rights; /* of the share, which comes last */
    uint64_t binary_rights;
    bool restricted;
    uint32_t flags;
} done;

static int
fake_version(void)
{
    errno = world.version_errno;
    return world.version;
}

static int
fake_create(const SystemLandlock *attr)
{
    done.attr = *attr;
    errno = ENOMSG;
    return world.create_fails ? -1 : open("/", O_PATH | O_CLOEXEC);
}

static int
fake_add(int rules, const struct landlock_path_beneath_attr *rule)
{
    ck_assert_int_ge(rules, 0);
    ck_assert_int_ge(rule->parent_fd, 0);
    ck_assert_msg(rule->allowed_access && !(rule->allowed_access & ~done.attr.files),
                  "rule %d is not about what is handled", done.rules);
    done.binary_rights = done.last_rights;
    done.last_rights = rule->allowed_access;
    errno = ENOMSG;
    return ++done.rules == world.add_fails_at ? -1 : 0;
}

static int
fake_restrict(int rules, uint32_t flags)
{
    ck_assert_int_ge(rules, 0);
    done.flags = flags;
    errno = EPERM;
    done.restricted = !world.restrict_fails;
    return world.restrict_fails ? -1 : 0;
}

static int
fake_read_directory(const char *path)
{
    errno = EACCES;
    return done.restricted && !world.lies ? -1 : 0;
}

static const System fake = {
    .landlock_version = fake_version,
    .landlock_create = fake_create,
    .landlock_add = fake_add,
    .landlock_restrict = fake_restrict,
    .read_directory = fake_read_directory,
};

static bool
set_with(const System *system, bool readonly, const char *refused, bool *active, Failure *failure)
{
    LandlockWanted wanted = {
        .share = fixture_path("share"),
        .binary = fixture_path("bin/virtiofsd"),
        .readonly = readonly,
        .refused = refused,
    };

    return landlock_set(system, &wanted, active, failure);
}

static void
setup(void)
{
    fixture_setup();
    memset(&world, 0, sizeof(world));
    memset(&done, 0, sizeof(done));
    fixture_file("share/file", "text", 0644);
    fixture_file("share/a/", NULL, 0);
    fixture_file("share/b/", NULL, 0);
    fixture_file("other/file", "text", 0644);
    fixture_file("bin/virtiofsd", "#!/bin/sh\n", 0755);
}

static const struct {
    int version;
    int n_rights;
    bool net;
    bool scoped;
    uint32_t flags;
} versions[] = {
    {2, 14, false, false, 0}, {3, 15, false, false, 0}, {4, 15, true, false, 0},
    {5, 16, true, false, 0},  {6, 16, true, true, 0},   {7, 16, true, true, 3},
    {99, 16, true, true, 3},
};

START_TEST(test_versions)
{
    Failure failure;
    bool active = false;

    world.version = versions[_i].version;
    ck_assert_msg(set_with(&fake, false, fixture_path("other"), &active, &failure), "%s",
                  failure.text);
    ck_assert(active && done.restricted);
    ck_assert_uint_eq(done.attr.files, (1u << versions[_i].n_rights) - 1);
    ck_assert(!!done.attr.net == versions[_i].net && !!done.attr.scoped == versions[_i].scoped);
    ck_assert_uint_eq(done.flags, versions[_i].flags);
    /* the share: everything but to run programs and to talk to devices */
    ck_assert_uint_eq(done.last_rights, done.attr.files & ~((1u << 0) | (1u << 15)));
    ck_assert_uint_eq(done.binary_rights,
                      LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE);
}
END_TEST

START_TEST(test_read_only)
{
    Failure failure;
    bool active = false;

    world.version = 6;
    ck_assert(set_with(&fake, true, fixture_path("other"), &active, &failure));
    ck_assert_uint_eq(done.last_rights, LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR);
}
END_TEST

/* Where it is not there the start goes on, and where it fails it does not. */
START_TEST(test_absent)
{
    static const int errors[] = {ENOSYS, EOPNOTSUPP};
    Failure failure;
    bool active = true;

    for (size_t i = 0; i < ROWS(errors); i++) {
        world.version = -1;
        world.version_errno = errors[i];
        ck_assert(set_with(&fake, false, fixture_path("other"), &active, &failure));
        ck_assert(!active && !done.restricted);
    }
    world.version = 1;
    ck_assert(set_with(&fake, false, fixture_path("other"), &active, &failure));
    ck_assert(!active && !done.restricted);
    world.version = -1;
    world.version_errno = EFAULT;
    ck_assert(!set_with(&fake, false, fixture_path("other"), &active, &failure));
    ck_assert_ptr_nonnull(strstr(failure.text, "cannot ask for Landlock"));
}
END_TEST

static void
assert_fails(const char *why)
{
    Failure failure;
    bool active = false;

    memset(&done, 0, sizeof(done));
    ck_assert(!set_with(&fake, false, fixture_path("other"), &active, &failure));
    ck_assert_msg(strstr(failure.text, why), "%s: %s", why, failure.text);
}

START_TEST(test_troubles)
{
    int rules;

    world.version = 6;
    world.create_fails = true;
    assert_fails("cannot make rules of Landlock");
    world.create_fails = false;
    world.restrict_fails = true;
    assert_fails("cannot come under Landlock");
    rules = done.rules;
    ck_assert_int_gt(rules, 5);
    for (int i = 1; i <= rules; i++) {
        world.add_fails_at = i;
        assert_fails(i == rules ? "/share to Landlock" : "to Landlock");
    }
    world.add_fails_at = 0;
    world.restrict_fails = false;
    world.lies = true;
    assert_fails("Landlock does not refuse");
    world.lies = false;
    ck_assert_int_eq(unlink(fixture_path("bin/virtiofsd")), 0);
    assert_fails("cannot open");
}
END_TEST

/* ---- the kernel of this machine ---- */

static int
outcome(int value)
{
    return value < 0 ? errno : 0;
}

static int
open_share(void)
{
    return outcome(open(fixture_path("share/file"), O_RDWR | O_CLOEXEC));
}

static int
make_in_share(void)
{
    return outcome(mkdir(fixture_path("share/new"), 0755));
}

static int
rename_in_share(void)
{
    return outcome(rename(fixture_path("share/file"), fixture_path("share/b/file")));
}

static int
truncate_in_share(void)
{
    return outcome(truncate(fixture_path("share/file"), 1));
}

static int
open_other(void)
{
    return outcome(open(fixture_path("other/file"), O_RDONLY | O_CLOEXEC));
}

static int
open_through_own_descriptors(void)
{
    char path[PATH_MAX + 64];

    snprintf(path, sizeof(path), "/proc/self/root%s", fixture_path("other/file"));
    return outcome(open(path, O_RDONLY | O_CLOEXEC));
}

static int
make_in_other(void)
{
    return outcome(mkdir(fixture_path("other/new"), 0755));
}

static int
link_into_share(void)
{
    int error = outcome(link(fixture_path("other/file"), fixture_path("share/file2")));

    return error == EXDEV ? EACCES : error;
}

static int
remove_other(void)
{
    return outcome(unlink(fixture_path("other/file")));
}

static int
open_of_init(void)
{
    return outcome(open("/proc/1/status", O_RDONLY | O_CLOEXEC));
}

static int
open_own(void)
{
    return outcome(open("/proc/self/status", O_RDONLY | O_CLOEXEC)) ||
           outcome(open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) ||
           outcome(open("/dev/null", O_RDWR | O_CLOEXEC));
}

static int
run_shell(void)
{
    execl("/bin/sh", "sh", "-c", "exit 0", NULL);
    return errno;
}

static int
run_in_share(void)
{
    ck_assert_int_eq(chmod(fixture_path("share/file"), 0755), 0);
    execl(fixture_path("share/file"), "file", NULL);
    return errno;
}

static int
signal_other(void)
{
    return outcome(kill(getppid(), 0));
}

static const struct {
    const char *name;
    int (*attempt)(void);
    int writable; /* what is to come of it with a writable share */
    int readonly;
    int version; /* from which on */
} attempts[] = {
    {"open in the share", open_share, 0, EACCES, 2},
    {"mkdir in the share", make_in_share, 0, EACCES, 2},
    {"rename in the share", rename_in_share, 0, EACCES, 2},
    {"truncate in the share", truncate_in_share, 0, EACCES, 3},
    {"open outside", open_other, EACCES, EACCES, 2},
    {"open outside by /proc", open_through_own_descriptors, EACCES, EACCES, 2},
    {"mkdir outside", make_in_other, EACCES, EACCES, 2},
    {"link from outside", link_into_share, EACCES, EACCES, 2},
    {"remove outside", remove_other, EACCES, EACCES, 2},
    {"another's status", open_of_init, EACCES, EACCES, 2},
    {"its own", open_own, 0, 0, 2},
    {"a program", run_shell, 0, 0, 2},
    {"a program in the share", run_in_share, EACCES, EACCES, 2},
    {"a signal to another", signal_other, EPERM, EPERM, 6},
};

static int
attempt_under(int (*attempt)(void), bool readonly)
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        Failure failure;
        bool active = false;

        if (!set_with(&system_linux, readonly, fixture_path("other"), &active, &failure) ||
            !active) {
            fprintf(stderr, "%s\n", failure.text);
            _exit(255);
        }
        _exit(attempt());
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

START_TEST(test_kernel)
{
    int version = system_linux.landlock_version();
    int found;

    if (version < attempts[_i].version) {
        fprintf(stderr, "SKIP: %s: this kernel has version %d\n", attempts[_i].name, version);
        return;
    }
    found = attempt_under(attempts[_i].attempt, true);
    ck_assert_msg(found == attempts[_i].readonly, "%s, read-only: %s", attempts[_i].name,
                  strerror(found));
    found = attempt_under(attempts[_i].attempt, false);
    ck_assert_msg(found == attempts[_i].writable, "%s: %s", attempts[_i].name, strerror(found));
}
END_TEST

int
main(void)
{
    TCase *tc = tcase_create("landlock");

    tcase_add_checked_fixture(tc, setup, fixture_teardown);
    tcase_add_loop_test(tc, test_versions, 0, ROWS(versions));
    tcase_add_test(tc, test_read_only);
    tcase_add_test(tc, test_absent);
    tcase_add_test(tc, test_troubles);
    if (geteuid() == 0 && system_linux.landlock_version() >= LANDLOCK_MIN_ABI)
        tcase_add_loop_test(tc, test_kernel, 0, ROWS(attempts));
    else
        fprintf(stderr, "SKIP: Landlock of a real kernel needs root and Linux 5.19\n");
    return fixture_run("launcher-landlock", tc);
}
