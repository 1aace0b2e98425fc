/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "policy/files.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fault.h"
#include "policy/lock.h"
#include "policy/profile.h"

#define NAME "libvirt-x"

static char *path;
static PolicyDir *dir;

static void
setup(void)
{
    path = g_dir_make_tmp("test-policy-XXXXXX", NULL);
    dir = policy_dir_open(path, NULL);
    ck_assert_ptr_nonnull(dir);
}

static void
teardown(void)
{
    g_autofree char *command = g_strdup_printf("rm -rf '%s'", path);

    fault_arm(NULL, 0, FAULT_FAIL);
    policy_dir_free(dir);
    ck_assert_int_eq(system(command), 0);
    g_clear_pointer(&path, g_free);
}

static void
put(const char *name, const char *text)
{
    g_autofree char *file = g_build_filename(path, name, NULL);

    ck_assert(g_file_set_contents(file, text, -1, NULL));
}

/* @text NULL: the file must not be there. */
static void
expect(const char *name, const char *text)
{
    g_autofree char *is = NULL;

    policy_read(dir, name, &is, NULL);
    ck_assert_msg(g_strcmp0(is, text) == 0, "%s: %s", name, is ? is : "(none)");
}

static guint
count_files(void)
{
    GDir *listing = g_dir_open(path, 0, NULL);
    guint n = 0;

    while (g_dir_read_name(listing))
        n++;
    g_dir_close(listing);
    return n;
}

/* Replaces one file and makes another. */
static gboolean
change_two(gboolean keep, GError **error)
{
    g_autoptr(PolicyChange) change = policy_change_new(dir, NAME);

    policy_change_remove(change, dir, "gone");
    if (!policy_change_write(change, dir, "old", "new text\n", 0644, error) ||
        !policy_change_write(change, dir, "other", "other text\n", 0644, error) ||
        !policy_change_publish(change, error))
        return FALSE;
    expect("old", "new text\n");
    expect("other", "other text\n");
    expect("gone", NULL);
    ck_assert(policy_is_dirty(dir, NAME));
    if (keep)
        policy_change_keep(change);
    return TRUE;
}

START_TEST(test_publish)
{
    mode_t mask = umask(077);
    g_autofree char *file = g_build_filename(path, "old", NULL);
    struct stat st;

    put("old", "old text\n");
    ck_assert(change_two(TRUE, NULL));
    umask(mask);
    expect("old", "new text\n");
    expect("other", "other text\n");
    ck_assert_int_eq(count_files(), 2);
    ck_assert_int_eq(stat(file, &st), 0);
    ck_assert_int_eq(st.st_mode & 07777, 0644);
}
END_TEST

START_TEST(test_take_back)
{
    put("old", "old text\n");
    put("gone", "here again\n");
    ck_assert(change_two(FALSE, NULL));
    expect("old", "old text\n");
    expect("gone", "here again\n");
    expect("other", NULL);
    ck_assert_int_eq(count_files(), 2);
}
END_TEST

/* Whoever comes next must know: the old file is not lost, and nothing is trusted to be loaded. */
START_TEST(test_take_back_that_fails)
{
    put("old", "old text\n");
    fault_arm("take-back", 1, FAULT_FAIL);
    ck_assert(change_two(FALSE, NULL));
    expect("old", "new text\n");
    expect("old.tmp", "old text\n");
    ck_assert(policy_is_dirty(dir, NAME));
    ck_assert(change_two(TRUE, NULL));
    ck_assert(!policy_is_dirty(dir, NAME));
}
END_TEST

/* The mark of a call that crashed outlives one that fails, and goes with one that ends well. */
START_TEST(test_mark)
{
    g_autofree char *mark = g_strconcat(NAME, ".dirty", NULL);

    put("old", "old text\n");
    put(mark, "");
    ck_assert(change_two(FALSE, NULL));
    ck_assert(policy_is_dirty(dir, NAME));
    fault_arm("fsync", 0, FAULT_FAIL);
    ck_assert(!change_two(TRUE, NULL));
    ck_assert(policy_is_dirty(dir, NAME));
    ck_assert(change_two(TRUE, NULL));
    ck_assert(!policy_is_dirty(dir, NAME));
}
END_TEST

/* Every call that can half-finish, and which of its calls. */
static const struct {
    const char *point;
    guint skip;
} faults[] = {
    {"create", 0}, {"create", 1}, {"write", 0},  {"write", 1},     {"fsync", 0}, {"fsync", 1},
    {"rename", 0}, {"rename", 1}, {"rename", 2}, {"fsync-dir", 0}, {"mark", 0},
};

START_TEST(test_faults)
{
    g_autoptr(GError) error = NULL;

    put("old", "old text\n");
    put("gone", "here again\n");
    fault_arm(faults[_i].point, faults[_i].skip, FAULT_FAIL);
    ck_assert_msg(!change_two(TRUE, &error), "%s %u", faults[_i].point, faults[_i].skip);
    ck_assert_ptr_nonnull(error);
    expect("old", "old text\n");
    expect("gone", "here again\n");
    expect("other", NULL);
    ck_assert_int_eq(count_files(), 2);
}
END_TEST

START_TEST(test_crashes)
{
    g_autofree char *is = NULL;
    int status = 0;
    pid_t child;

    put("old", "old text\n");
    child = fork();
    if (child == 0) {
        fault_arm(faults[_i].point, faults[_i].skip, FAULT_CRASH);
        change_two(TRUE, NULL);
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "%s %u", faults[_i].point,
                  faults[_i].skip);
    /* the old one or the new one, never a part, and the next call works */
    ck_assert(policy_read(dir, "old", &is, NULL));
    ck_assert_msg(g_str_equal(is, "old text\n") || g_str_equal(is, "new text\n"), "%s", is);
    ck_assert(change_two(TRUE, NULL));
    ck_assert_int_eq(count_files(), 2);
}
END_TEST

START_TEST(test_symlinks_are_not_followed)
{
    g_autofree char *target = g_build_filename(path, "target", NULL);
    g_autofree char *link = g_build_filename(path, "old", NULL);
    g_autofree char *temp = g_build_filename(path, "old.tmp", NULL);
    g_autofree char *text = NULL;

    put("target", "untouched\n");
    ck_assert_int_eq(symlink(target, link), 0);
    ck_assert_int_eq(symlink(target, temp), 0);
    ck_assert(!policy_read(dir, "old", &text, NULL));
    ck_assert(change_two(TRUE, NULL));
    expect("target", "untouched\n");
}
END_TEST

START_TEST(test_lock)
{
    g_autoptr(GError) error = NULL;
    PolicyLock *held = policy_lock(dir, NAME, 1000, NULL);
    PolicyLock *other;
    int status = 0;
    pid_t child;

    ck_assert_ptr_nonnull(held);
    ck_assert_ptr_null(policy_lock(dir, NAME, 20, &error));
    ck_assert(g_error_matches(error, BASE_ERROR, BASE_ERROR_BUSY));
    other = policy_lock(dir, NAME "y", 20, NULL);
    ck_assert_ptr_nonnull(other);
    policy_unlock(other);

    child = fork();
    if (child == 0)
        _exit(policy_lock(dir, NAME, 5000, NULL) ? 0 : 1);
    g_usleep(50000);
    policy_unlock(held);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);

    /* the child ended without unlocking: the lock ended with it */
    held = policy_lock(dir, NAME, 1000, NULL);
    ck_assert_ptr_nonnull(held);
    policy_unlock(held);
    ck_assert_int_eq(count_files(), 0);
}
END_TEST

/* Many processes, each of which reads, waits and writes: no update may be lost. */
static void
race(const char *how)
{
    enum { PROCESSES = 8, ROUNDS = 5 };
    pid_t children[PROCESSES];

    put("count", "0");
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        if (children[i] != 0)
            continue;
        for (int round = 0; round < ROUNDS; round++) {
            g_autoptr(PolicyLock) lock = NULL;
            g_autofree char *text = NULL;
            g_autofree char *next = NULL;

            if (g_str_equal(how, "pid"))
                fault_arm("flock", 0, FAULT_FAIL);
            lock = policy_lock(dir, NAME, 20000, NULL);
            if (!lock || !policy_read(dir, "count", &text, NULL))
                _exit(1);
            g_usleep(1000);
            next = g_strdup_printf("%d", atoi(text) + 1);
            put("count", next);
        }
        _exit(0);
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status = 0;

        ck_assert_int_eq(waitpid(children[i], &status, 0), children[i]);
        ck_assert_int_eq(status, 0);
    }
    expect("count", "40");
    ck_assert_int_eq(count_files(), 1);
}

START_TEST(test_lock_race)
{
    race("flock");
}
END_TEST

START_TEST(test_pid_lock_race)
{
    race("pid");
}
END_TEST

START_TEST(test_pid_lock_of_the_dead)
{
    PolicyLock *lock;
    pid_t child = fork();
    g_autofree char *text = NULL;

    if (child == 0)
        _exit(0);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    text = g_strdup_printf("%d\n", (int)child);
    put(NAME ".lock.pid", text);
    fault_arm("flock", 0, FAULT_FAIL);
    lock = policy_lock(dir, NAME, 2000, NULL);
    ck_assert_ptr_nonnull(lock);
    policy_unlock(lock);
    ck_assert_int_eq(count_files(), 0);
}
END_TEST

#define TEMPLATE \
    "#\n\nprofile LIBVIRT_TEMPLATE flags=(complain) {\n  #include <abstractions/x>\n}\n"

START_TEST(test_template)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text =
        profile_from_template(TEMPLATE, "T", NAME, "libvirt/" NAME ".files", NULL);
    g_autofree char *lxc = profile_from_template(TEMPLATE, "T", NAME, NULL, NULL);
    g_autofree char *inlined = NULL;

    ck_assert_str_eq(text, "#\n\nprofile " NAME " flags=(complain) {\n  #include <abstractions/x>\n"
                           "  #include if exists <libvirt/" NAME ".files>\n\n}\n");
    ck_assert_str_eq(lxc,
                     "#\n\nprofile " NAME " flags=(complain) {\n  #include <abstractions/x>\n}\n");
    ck_assert(profile_names(text, NAME));
    ck_assert(!profile_names(text, "libvirt"));
    ck_assert(!profile_names("", NAME));
    ck_assert(profile_names("profile " NAME " {\n}\n", NAME));
    inlined = profile_inline_rules(text, "libvirt/" NAME ".files", "  \"/a\" r,");
    ck_assert_str_eq(inlined,
                     "#\n\nprofile " NAME " flags=(complain) {\n  #include <abstractions/x>\n"
                     "  \"/a\" r,\n\n}\n");

    ck_assert_ptr_null(profile_from_template("profile x {\n}\n", "T.q", NAME, NULL, &error));
    ck_assert_ptr_nonnull(strstr(error->message, "T.q"));
    g_clear_error(&error);
    ck_assert_ptr_null(
        profile_from_template("\nprofile LIBVIRT_TEMPLATE {", "T", NAME, NULL, &error));
}
END_TEST

static const struct {
    const char *line;
    gboolean is;
} includes[] = {
    {"  #include if exists <libvirt/f>", TRUE},
    {"  #include <libvirt/f>", TRUE},
    {"include <libvirt/f>", TRUE},
    {"\tinclude if exists <libvirt/f>  # ours", TRUE},
    {"# include <libvirt/f>", TRUE},
    {"  #include <libvirt/f2>", FALSE},
    {"  # see <libvirt/f>", FALSE},
    {"  include <abstractions/base>", FALSE},
};

START_TEST(test_include_spellings)
{
    g_autofree char *out = profile_inline_rules(includes[_i].line, "libvirt/f", "RULES");

    ck_assert_msg(g_str_equal(out, "RULES") == includes[_i].is, "%s", includes[_i].line);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("policy");
    TCase *tc = tcase_create("policy");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_publish);
    tcase_add_test(tc, test_take_back);
    tcase_add_test(tc, test_take_back_that_fails);
    tcase_add_test(tc, test_mark);
    tcase_add_loop_test(tc, test_faults, 0, G_N_ELEMENTS(faults));
    tcase_add_loop_test(tc, test_crashes, 0, G_N_ELEMENTS(faults));
    tcase_add_test(tc, test_symlinks_are_not_followed);
    tcase_add_test(tc, test_lock);
    tcase_add_test(tc, test_lock_race);
    tcase_add_test(tc, test_pid_lock_race);
    tcase_add_test(tc, test_pid_lock_of_the_dead);
    tcase_add_test(tc, test_template);
    tcase_add_loop_test(tc, test_include_spellings, 0, G_N_ELEMENTS(includes));
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
