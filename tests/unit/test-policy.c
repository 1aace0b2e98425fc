/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "policy/change.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fault.h"
#include "policy/holder.h"
#include "policy/lock.h"
#include "policy/profile.h"
#include "policy-fixture.h"

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

/* On file systems that cannot exchange two names the old file is copied first. */
START_TEST(test_without_exchange)
{
    g_autofree char *file = g_build_filename(path, "old", NULL);
    struct stat st;

    put("old", "old text\n");
    ck_assert_int_eq(chmod(file, 0640), 0);
    fault_arm("exchange", 0, FAULT_FAIL);
    ck_assert(change_two(FALSE, NULL));
    expect("old", "old text\n");
    expect("other", NULL);
    ck_assert_int_eq(stat(file, &st), 0);
    ck_assert_int_eq(st.st_mode & 07777, 0640);
    ck_assert_int_eq(count_files(), 1);

    fault_arm("exchange", 0, FAULT_FAIL);
    ck_assert(change_two(TRUE, NULL));
    expect("old", "new text\n");
    ck_assert_int_eq(count_files(), 2);

    /* what nobody can read is moved */
    ck_assert(g_file_set_contents(file, "\0\0", 2, NULL));
    fault_arm("exchange", 0, FAULT_FAIL);
    ck_assert(change_two(TRUE, NULL));
    expect("old", "new text\n");
    ck_assert_int_eq(count_files(), 2);
}
END_TEST

START_TEST(test_no_place_for_a_lock)
{
    g_autofree char *link = g_build_filename(path, NAME ".lock", NULL);
    g_autoptr(GError) error = NULL;

    /* a name that leads elsewhere is not followed, and nobody waits for it */
    ck_assert_int_eq(symlink("elsewhere", link), 0);
    ck_assert_ptr_null(policy_lock(dir, NAME, 60000, &error));
    ck_assert_msg(g_str_has_prefix(error->message, "cannot lock "), "%s", error->message);
    g_clear_error(&error);
    ck_assert_ptr_null(policy_lock(dir, "none/" NAME, 60000, &error));
    ck_assert_msg(g_str_has_prefix(error->message, "cannot lock "), "%s", error->message);
    g_clear_error(&error);
    /* nor does the other kind of lock follow */
    fault_arm("flock", 0, FAULT_FAIL);
    ck_assert_int_eq(unlink(link), 0);
    ck_assert_int_eq(g_rmdir(path), 0);
    ck_assert_ptr_null(policy_lock(dir, NAME, 60000, &error));
    ck_assert_msg(g_str_has_prefix(error->message, "cannot lock "), "%s", error->message);
    ck_assert_int_eq(g_mkdir(path, 0755), 0);
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

/* What cannot be told is there: to take a file for missing would be to overwrite it, or to leave it. */
START_TEST(test_exists)
{
    g_autofree char *too_long = g_strnfill(300, 'x');
    g_autofree char *pipe = g_build_filename(path, "pipe", NULL);
    g_autofree char *link = g_build_filename(path, "link", NULL);

    put("old", "old text\n");
    ck_assert_int_eq(mkfifo(pipe, 0600), 0);
    ck_assert_int_eq(symlink("nowhere", link), 0);
    ck_assert(policy_exists(dir, "old") && policy_exists(dir, "pipe") &&
              policy_exists(dir, "link"));
    ck_assert(!policy_exists(dir, "none"));
    ck_assert(policy_exists(dir, too_long));
    ck_assert(policy_exists(dir, "old/below"));
}
END_TEST

/* What somebody put there in place of a file is told from a file that cannot be read. */
START_TEST(test_damaged)
{
    g_autofree char *file = g_build_filename(path, "zeros", NULL);
    g_autofree char *pipe = g_build_filename(path, "pipe", NULL);
    g_autofree char *link = g_build_filename(path, "link", NULL);
    const char *names[] = {"zeros", "pipe", "link"};
    g_autofree char *too_long = g_strnfill(300, 'x');
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;

    ck_assert(g_file_set_contents(file, "\0\0", 2, NULL));
    ck_assert_int_eq(mkfifo(pipe, 0600), 0);
    ck_assert_int_eq(symlink("zeros", link), 0);
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        ck_assert(!policy_read(dir, names[i], &text, &error));
        ck_assert_msg(g_error_matches(error, BASE_ERROR, BASE_ERROR_DAMAGED), "%s: %s", names[i],
                      error->message);
        g_clear_error(&error);
    }
    ck_assert(!policy_read(dir, too_long, &text, &error));
    ck_assert(g_error_matches(error, BASE_ERROR, BASE_ERROR_FAILED));
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

/* Whether @pid ended with status 0. */
static gboolean
ended_well(pid_t pid)
{
    int status = 0;

    return waitpid(pid, &status, 0) == pid && status == 0;
}

static void
wait_for(const char *name)
{
    while (!policy_exists(dir, name))
        g_usleep(1000);
}

/* What stands where the lock's file is to be is named, with what to do. */
START_TEST(test_what_is_no_lock)
{
    g_autofree char *lock = g_build_filename(path, NAME ".lock", NULL);
    g_autofree char *other = g_build_filename(path, "other", NULL);

    for (int kind = 0; kind < 4; kind++) {
        g_autoptr(GError) error = NULL;

        if (kind == 0)
            ck_assert(g_file_set_contents(other, "", 0, NULL) && link(other, lock) == 0);
        else if (kind == 1)
            ck_assert_int_eq(mkfifo(lock, 0600), 0);
        else if (kind == 2)
            ck_assert_int_eq(mkdir(lock, 0700), 0);
        else
            ck_assert_int_eq(symlink("elsewhere", lock), 0);
        ck_assert_ptr_null(policy_lock(dir, NAME, 1000, &error));
        ck_assert_msg(strstr(error->message, NAME ".lock") != NULL, "%s", error->message);
        ck_assert_msg(g_str_has_suffix(error->message, "remove it"), "%s", error->message);
        ck_assert_int_eq(remove(lock), 0);
    }
    ck_assert_int_eq(remove(other), 0);
}
END_TEST

START_TEST(test_lock)
{
    g_autoptr(GError) error = NULL;
    PolicyLock *held;
    PolicyLock *other;
    pid_t child = fork();

    if (child == 0) {
        wait_for(NAME ".lock");
        _exit(policy_lock(dir, NAME, 5000, NULL) ? 0 : 1);
    }
    held = policy_lock(dir, NAME, 1000, NULL);
    ck_assert_ptr_nonnull(held);
    ck_assert_ptr_null(policy_lock(dir, NAME, 20, &error));
    ck_assert(g_error_matches(error, BASE_ERROR, BASE_ERROR_BUSY));
    other = policy_lock(dir, NAME "y", 20, NULL);
    ck_assert_ptr_nonnull(other);
    policy_unlock(other);

    g_usleep(50000);
    policy_unlock(held);
    ck_assert(ended_well(child));

    /* the child ended without unlocking: the lock ended with it */
    held = policy_lock(dir, NAME, 1000, NULL);
    ck_assert_ptr_nonnull(held);
    policy_unlock(held);
    ck_assert_int_eq(count_files(), 0);
}
END_TEST

/* A child that has the lock until it is told to end by what is written to *@end. */
static pid_t
child_with_lock(const char *fault, int *end)
{
    int ends[2];
    pid_t child;

    ck_assert_int_eq(pipe(ends), 0);
    child = fork();
    if (child == 0) {
        PolicyLock *lock;
        char byte;

        close(ends[1]);
        fault_arm(fault, 0, FAULT_FAIL);
        lock = policy_lock(dir, NAME, 5000, NULL);
        put("got", "");
        if (!lock || read(ends[0], &byte, 1) != 1)
            _exit(1);
        policy_unlock(lock);
        _exit(0);
    }
    close(ends[0]);
    *end = ends[1];
    wait_for("got");
    return child;
}

/* Where one process finds that files cannot be locked, and another that they can, as while profiles are switched or
 * memory is short. */
START_TEST(test_locks_of_two_kinds)
{
    static const struct {
        const char *first, *second; /* fault points */
    } kinds[] = {{NULL, "flock"}, {"flock", NULL}};
    g_autofree char *got = g_build_filename(path, "got", NULL);

    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autoptr(GError) error = NULL;
        PolicyLock *lock;
        int end;
        pid_t child = child_with_lock(kinds[i].first, &end);

        fault_arm(kinds[i].second, 0, FAULT_FAIL);
        ck_assert_ptr_null(policy_lock(dir, NAME, 100, &error));
        ck_assert_msg(g_error_matches(error, BASE_ERROR, BASE_ERROR_BUSY), "%s", error->message);
        ck_assert_msg(strstr(error->message, "another call for this VM, process ") != NULL, "%s",
                      error->message);
        ck_assert_int_eq(write(end, "x", 1), 1);
        fault_arm(kinds[i].second, 0, FAULT_FAIL);
        lock = policy_lock(dir, NAME, 5000, NULL);
        ck_assert_ptr_nonnull(lock);
        policy_unlock(lock);
        ck_assert(ended_well(child));
        close(end);
        ck_assert_int_eq(g_unlink(got), 0);
        ck_assert_int_eq(count_files(), 0);
    }
}
END_TEST

/* Nor is one who died of the other kind waited for. */
START_TEST(test_dead_lock_of_the_other_kind)
{
    PolicyLock *lock;
    int end;
    pid_t child = child_with_lock("flock", &end);

    ck_assert_int_eq(kill(child, SIGKILL), 0);
    ck_assert(!ended_well(child));
    close(end);
    lock = policy_lock(dir, NAME, 1000, NULL);
    ck_assert_ptr_nonnull(lock);
    policy_unlock(lock);
}
END_TEST

static void
append(const char *text)
{
    g_autofree char *file = g_build_filename(path, "order", NULL);
    FILE *out = fopen(file, "ae");

    fputs(text, out);
    fclose(out);
}

/* How many wait for the lock on the file, as the kernel says; -1 where it does not. */
static int
waiting(const char *name)
{
    g_autofree char *file = g_build_filename(path, name, NULL);
    g_autofree char *locks = NULL;
    g_autofree char *inode = NULL;
    g_auto(GStrv) lines = NULL;
    struct stat st;
    int found = 0;

    ck_assert_int_eq(stat(file, &st), 0);
    if (!g_file_get_contents("/proc/locks", &locks, NULL, NULL))
        return -1;
    inode = g_strdup_printf(":%llu ", (unsigned long long)st.st_ino);
    lines = g_strsplit(locks, "\n", -1);
    for (char **line = lines; *line; line++)
        found += strstr(*line, "->") && strstr(*line, inode);
    return found;
}

/* Who came first is served first, each of them. */
START_TEST(test_lock_is_fair)
{
    enum { PROCESSES = 8 };
    PolicyLock *held;
    pid_t children[PROCESSES];

    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            char number[] = {(char)('0' + i), '\0'};
            g_autofree char *turn = g_strconcat("turn", number, NULL);
            g_autoptr(PolicyLock) lock = NULL;

            wait_for(turn);
            lock = policy_lock(dir, NAME, 20000, NULL);
            append(lock ? number : "x");
            g_clear_pointer(&lock, policy_unlock);
            _exit(0);
        }
    }
    held = policy_lock(dir, NAME, 1000, NULL);
    for (int i = 0; i < PROCESSES; i++) {
        g_autofree char *turn = g_strdup_printf("%s/turn%d", path, i);

        ck_assert(g_file_set_contents(turn, "", 0, NULL));
        /* the next one comes when this one waits, however long that takes on a busy machine */
        for (int tries = 0; tries < 100 && waiting(NAME ".lock") <= i; tries++)
            g_usleep(100000);
    }
    policy_unlock(held);
    for (int i = 0; i < PROCESSES; i++)
        ck_assert(ended_well(children[i]));
    expect("order", "01234567");
}
END_TEST

/* @how: "file" or "pid": that of the test, and of all that it starts */
static PolicyLock *
lock_by(const char *how, guint wait_ms, GError **error)
{
    fault_arm(g_str_equal(how, "pid") ? "flock" : NULL, 0, FAULT_FAIL);
    return policy_lock(dir, NAME, wait_ms, error);
}

static const char *const hows[] = {"file", "pid"};

START_TEST(test_a_stopped_holder_is_named)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *named = NULL;
    PolicyLock *last;
    gint64 begin;
    int status;
    pid_t child = fork();

    if (child == 0) {
        /* Where the test fails, nobody else ends it, and who reads the test's output would wait. */
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (lock_by(hows[_i], 1000, NULL))
            raise(SIGSTOP);
        _exit(1);
    }
    ck_assert_int_eq(waitpid(child, &status, WUNTRACED), child);
    ck_assert(WIFSTOPPED(status));
    begin = g_get_monotonic_time();
    ck_assert_ptr_null(lock_by(hows[_i], 200, &error));
    ck_assert_int_ge(g_get_monotonic_time() - begin, 200000);
    ck_assert(g_error_matches(error, BASE_ERROR, BASE_ERROR_BUSY));
    named = g_strdup_printf("process %d,", (int)child);
    ck_assert_msg(strstr(error->message, named) != NULL, "%s: %s", hows[_i], error->message);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    last = lock_by(hows[_i], 1000, NULL);
    ck_assert_ptr_nonnull(last);
    policy_unlock(last);
}
END_TEST

static void G_GNUC_NORETURN
count_one(const char *how, gboolean unlock)
{
    PolicyLock *lock = lock_by(how, 20000, NULL);
    g_autofree char *text = NULL;
    g_autofree char *next = NULL;

    if (!lock || !policy_read(dir, "count", &text, NULL))
        _exit(1);
    g_usleep(500);
    next = g_strdup_printf("%d", atoi(text) + 1);
    put("count", next);
    if (unlock)
        policy_unlock(lock);
    _exit(0);
}

/* Many processes, each of which reads, waits and writes, and of which @dying die with the lock: no update
 * may be lost, and nothing is left of the dead. */
static void
race(const char *how, gboolean dying)
{
    enum { PROCESSES = 8, ROUNDS = 20 };
    pid_t children[PROCESSES];
    g_autofree char *all = g_strdup_printf("%d", PROCESSES * ROUNDS);
    PolicyLock *last;

    put("count", "0");
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        if (children[i] != 0)
            continue;
        for (int round = 0; round < ROUNDS; round++) {
            pid_t child = fork();

            if (child == 0)
                count_one(how, !dying || (round + i) % 2);
            if (!ended_well(child))
                _exit(1);
        }
        _exit(0);
    }
    for (int i = 0; i < PROCESSES; i++)
        ck_assert_msg(ended_well(children[i]), "%s", how);
    expect("count", all);
    last = lock_by(how, 1000, NULL);
    ck_assert_ptr_nonnull(last);
    policy_unlock(last);
    ck_assert_int_eq(count_files(), 1);
}

START_TEST(test_lock_race)
{
    race(hows[_i / 2], _i % 2);
}
END_TEST

static char *
holder_text(pid_t pid, guint64 start)
{
    const Holder holder = {.pid = pid, .start = start};
    char text[HOLDER_BYTES];

    holder_format(&holder, text);
    return g_strdup(text);
}

/* What may stand in the place of the lock without being one: nobody waits for it. */
START_TEST(test_pid_lock_of_the_dead)
{
    const Holder self = holder_self();
    PolicyLock *lock;
    pid_t child = fork();
    g_autofree char *name = g_build_filename(path, NAME ".lock.pid", NULL);
    g_autofree char *heir = NULL;
    char *texts[4] = {NULL};

    if (child == 0)
        _exit(0);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    texts[0] = holder_text(child, self.start);        /* it ended */
    texts[1] = holder_text(self.pid, self.start - 1); /* its number is another's now */
    texts[2] = holder_text(1, 0); /* and the same where no start can be learnt */
    texts[3] = g_strdup("rubbish");
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        ck_assert_int_eq(symlink(texts[i], name), 0);
        if (i == 0) {
            /* who inherited it died as well */
            heir = g_strdup_printf("%s.%d-%" G_GUINT64_FORMAT, name, (int)child, self.start);
            ck_assert_int_eq(symlink(texts[1], heir), 0);
        }
        lock = lock_by("pid", 200, NULL);
        ck_assert_msg(lock != NULL, "%s", texts[i]);
        policy_unlock(lock);
        ck_assert_int_eq(count_files(), 0);
        g_free(texts[i]);
    }
    /* the form of earlier versions, written when it was there already, and so perhaps never */
    for (int full = 0; full < 2; full++) {
        put(NAME ".lock.pid", full ? "1\n" : "");
        lock = lock_by("pid", 200, NULL);
        ck_assert_ptr_nonnull(lock);
        policy_unlock(lock);
        ck_assert_int_eq(count_files(), 0);
    }
}
END_TEST

START_TEST(test_holder)
{
    const Holder self = holder_self();
    const Holder other = {.pid = self.pid, .start = self.start + 1};
    const Holder unknown = {.pid = self.pid};
    char text[HOLDER_BYTES];
    Holder again;

    ck_assert_uint_ne(self.start, 0);
    holder_format(&self, text);
    again = holder_parse(text);
    ck_assert(holder_equal(&self, &again));
    ck_assert(holder_lives(&self));
    ck_assert(!holder_equal(&self, &other));
    ck_assert(!holder_lives(&other));
    ck_assert(holder_lives(&unknown));
    ck_assert_int_eq(holder_parse("").pid, 0);
    ck_assert_int_eq(holder_parse("-1 5").pid, 0);
    ck_assert_int_eq(holder_parse("99999999999 5").pid, 0);
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
    ck_assert(!profile_names("profile " NAME, NAME));
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
    {"  # include <libvirt/f>", FALSE}, /* a comment */
    {"  ##include <libvirt/f>", FALSE},
    {"  includeif exists <libvirt/f>", FALSE},
    {"  include <libvirt/f >", TRUE},
    {"  include < libvirt/f>", TRUE},
    {"  include <\"libvirt/f\">", TRUE},
    {"  include \"libvirt/f\"", FALSE}, /* of the directory that the parser runs in */
    {"  include  if \texists  <libvirt/f>", TRUE},
    {"  #include<libvirt/f>", TRUE},
    {"  #include <libvirt/f2>", FALSE},
    {"  # see <libvirt/f>", FALSE},
    {"  include <abstractions/base>", FALSE},
};

START_TEST(test_include_spellings)
{
    g_autofree char *out = profile_inline_rules(includes[_i].line, "libvirt/f", "RULES");

    ck_assert_msg(g_str_has_prefix(out, "RULES") == includes[_i].is, "%s", includes[_i].line);
}
END_TEST

START_TEST(test_rules_behind_an_include_stay)
{
    g_autofree char *rules = profile_inline_rules("  include <f> /own r,\n}", "f", "RULES");
    g_autofree char *more = profile_inline_rules("include <f> #include <g>\r\n}", "f", "RULES");

    ck_assert_str_eq(rules, "RULES\n  /own r,\n}");
    ck_assert_str_eq(more, "RULES\n  #include <g>\r\n}");
}
END_TEST

/* What was put in is taken out again, byte for byte; what an administrator has put there stays. */
START_TEST(test_include_that_comes_and_goes)
{
    static const char two[] = "profile a {\n  /a r,\n}\nprofile b {\n}\n";
    static const char by_hand[] = "profile a {\n  include <local/a>\n  /a r,\n}\n";
    g_autofree char *with = profile_put_include(two, "local/a", "a", NULL);
    g_autofree char *again = profile_put_include(with, "local/a", "a", NULL);
    g_autofree char *without = profile_take_include(with, "local/a");
    g_autofree char *kept = profile_put_include(by_hand, "local/a", "a", NULL);
    g_autofree char *left = profile_take_include(by_hand, "local/a");
    g_autoptr(GError) error = NULL;

    ck_assert_str_eq(with, "profile a {\n  /a r,\n  #include if exists <local/a>\n}\n"
                           "profile b {\n  #include if exists <local/a>\n}\n");
    ck_assert_uint_eq(profile_inlined_line(with, "local/a"), 3);
    ck_assert_uint_eq(profile_inlined_line(two, "local/a"), 0);
    ck_assert_str_eq(again, with);
    ck_assert_str_eq(without, two);
    ck_assert_str_eq(kept, by_hand);
    ck_assert_str_eq(left, by_hand);
    ck_assert_ptr_null(profile_put_include("profile a { }\n", "local/a", "DIR/a", &error));
    ck_assert_msg(strstr(error->message, "DIR/a"), "%s", error->message);
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
    tcase_add_test(tc, test_without_exchange);
    tcase_add_test(tc, test_no_place_for_a_lock);
    tcase_add_test(tc, test_what_is_no_lock);
    tcase_add_test(tc, test_mark);
    tcase_add_loop_test(tc, test_faults, 0, G_N_ELEMENTS(faults));
    tcase_add_loop_test(tc, test_crashes, 0, G_N_ELEMENTS(faults));
    tcase_add_test(tc, test_exists);
    tcase_add_test(tc, test_damaged);
    tcase_add_test(tc, test_symlinks_are_not_followed);
    tcase_add_test(tc, test_lock);
    tcase_add_test(tc, test_locks_of_two_kinds);
    tcase_add_test(tc, test_dead_lock_of_the_other_kind);
    tcase_add_test(tc, test_lock_is_fair);
    tcase_add_loop_test(tc, test_a_stopped_holder_is_named, 0, G_N_ELEMENTS(hows));
    tcase_add_loop_test(tc, test_lock_race, 0, 2 * G_N_ELEMENTS(hows));
    tcase_add_test(tc, test_holder);
    tcase_add_test(tc, test_pid_lock_of_the_dead);
    tcase_add_test(tc, test_template);
    tcase_add_loop_test(tc, test_include_spellings, 0, G_N_ELEMENTS(includes));
    tcase_add_test(tc, test_rules_behind_an_include_stay);
    tcase_add_test(tc, test_include_that_comes_and_goes);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
