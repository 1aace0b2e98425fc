/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "policy/change.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/fault.h"
#include "policy-fixture.h"
#include "policy/holder.h"
#include "policy/lock.h"
#include "policy/records.h"
#include "failing-calls.h"

/*
 * What is on disk, and what is said, where a change to the files fails on the way: system calls that fail
 * alone, and again when what was done is taken back.
 */

#define OLD "old text\n"
#define NEW "new text\n"

/* What @error says: all of @words, each of which is there. */
static void
expect_said(const GError *error, const char *const *words)
{
    ck_assert_ptr_nonnull(error);
    for (; *words; words++)
        ck_assert_msg(strstr(error->message, *words), "%s: %s", *words, error->message);
}

#define EXPECT_SAID(error, ...) expect_said(error, (const char *const[]){__VA_ARGS__, NULL})

static PolicyChange *
staged(const char *name, const char *text)
{
    PolicyChange *change = policy_change_new(dir, NAME);

    ck_assert(policy_change_write(change, dir, name, text, 0644, NULL));
    return change;
}

/* A change of "old" and "other" that fails to be published. */
static void
fail_to_publish(GError **error)
{
    g_autoptr(PolicyChange) change = staged("old", NEW);

    ck_assert(policy_change_write(change, dir, "other", "other text\n", 0644, NULL));
    ck_assert(!policy_change_publish(change, error));
}

/* Replaces "old" by @text, and takes that back, which fails. */
static void
fail_to_take_back(const char *text)
{
    g_autoptr(PolicyChange) change = staged("old", text);

    ck_assert(policy_change_publish(change, NULL));
    fault_arm("take-back", 0, FAULT_FAIL);
    ck_assert(!policy_change_take_back(change, NULL));
}

/* ---- without an exchange of two names ---- */

static void
setup_without_exchange(void)
{
    setup();
    fail_call("renameat2", NULL, EINVAL);
}

static void
teardown_calls(void)
{
    fail_no_call();
    teardown();
}

/* There need be no room for the copy of the old file that such a file system takes. */
START_TEST(test_copy_that_fails)
{
    static const char *const points[] = {"create", "write", "fsync"};
    g_autoptr(GError) error = NULL;

    put("old", OLD);
    fault_arm(points[_i], 2, FAULT_FAIL); /* after those of the two new files */
    fail_to_publish(&error);
    EXPECT_SAID(error, path, "/old");
    expect("old", OLD);
    ck_assert_int_eq(count_files(), 1);
}
END_TEST

START_TEST(test_copied_and_not_replaced)
{
    g_autoptr(GError) error = NULL;

    put("old", OLD);
    fail_call("renameat", "old.tmp", EIO);
    fail_to_publish(&error);
    EXPECT_SAID(error, path, "/old", g_strerror(EIO));
    expect("old", OLD);
    ck_assert_int_eq(count_files(), 1);
}
END_TEST

/* What is damaged may be what an administrator has made by hand: it is as it was. */
START_TEST(test_damaged_and_not_replaced)
{
    static const char damaged[] = "by hand\n\0 and more\n";
    g_autofree char *file = g_build_filename(path, "old", NULL);
    g_autofree char *is = NULL;
    g_autoptr(GError) error = NULL;
    gsize len = 0;

    ck_assert(g_file_set_contents(file, damaged, sizeof(damaged), NULL));
    fail_call("renameat", _i ? "old.tmp" : "old", EIO);
    fail_to_publish(&error);
    EXPECT_SAID(error, path, "/old", g_strerror(EIO));
    ck_assert(g_file_get_contents(file, &is, &len, NULL));
    ck_assert_mem_eq(is, damaged, sizeof(damaged));
    ck_assert_int_eq(count_files(), 1);
}
END_TEST

/* The copy is the old file from then on, under whatever name. */
START_TEST(test_copy_that_keeps_its_name)
{
    g_autoptr(PolicyChange) change = NULL;

    put("old", OLD);
    change = staged("old", NEW);
    fail_call("renameat", "old.tmp2", EIO);
    ck_assert(policy_change_publish(change, NULL));
    expect("old", NEW);
    if (_i) {
        policy_change_keep(change);
    } else {
        fail_no_call();
        ck_assert(policy_change_take_back(change, NULL));
    }
    g_clear_pointer(&change, policy_change_free);
    expect("old", _i ? NEW : OLD);
    ck_assert_int_eq(count_files(), 1);
}
END_TEST

/* ---- taking back ---- */

/* The next call has to know, and so has whoever reads the log. */
START_TEST(test_publish_and_take_back_fail)
{
    g_autoptr(GError) error = NULL;

    put("old", OLD);
    fault_arm("rename", 1, FAULT_FAIL);
    fail_call("renameat", "old.tmp", EIO);
    fail_to_publish(&error);
    EXPECT_SAID(error, "cannot replace ", "/other", "cannot put back ", "/old, ", "/old.tmp");
    expect("old", NEW);
    expect("old.tmp", OLD);
    ck_assert(policy_is_dirty(dir, NAME));
}
END_TEST

/* What the kernel has after a load that failed is known, or it is not, and then no later call may think so. */
START_TEST(test_mark_after_a_load_that_failed)
{
    const int code = _i ? BASE_ERROR_UNSURE : BASE_ERROR_FAILED;
    g_autoptr(GError) error = g_error_new_literal(BASE_ERROR, code, "the load failed");
    g_autoptr(PolicyChange) change = NULL;

    put("old", OLD);
    change = staged("old", NEW);
    ck_assert(policy_change_publish(change, NULL));
    ck_assert(!policy_change_fail(change, &error));
    ck_assert_str_eq(error->message, "the load failed");
    expect("old", OLD);
    ck_assert_int_eq(policy_is_dirty(dir, NAME), code == BASE_ERROR_UNSURE);
}
END_TEST

/* One that cannot be put back does not keep another from it. */
START_TEST(test_take_back_goes_on)
{
    g_autoptr(PolicyChange) change = NULL;
    g_autoptr(GError) error = NULL;

    put("old", OLD);
    put("gone", "here again\n");
    put("third", "third text\n");
    change = staged("old", NEW);
    policy_change_remove(change, dir, "gone");
    ck_assert(policy_change_write(change, dir, "third", NEW, 0644, NULL));
    ck_assert(policy_change_publish(change, NULL));
    fail_call("renameat2", "gone.tmp", EIO);
    fail_call("renameat", "third.tmp", EROFS);
    ck_assert(!policy_change_take_back(change, &error));
    EXPECT_SAID(error, "/third, ", "/third.tmp", g_strerror(EROFS));
    fail_no_call();
    expect("old", OLD);
    expect("gone", NULL);
    expect("gone.tmp", "here again\n");
    expect("third.tmp", "third text\n");
    g_clear_pointer(&change, policy_change_free);
    expect("gone.tmp", "here again\n");
    expect("third.tmp", "third text\n");
    ck_assert(policy_is_dirty(dir, NAME));
}
END_TEST

/* There was none, so that nothing is called the old one. */
START_TEST(test_new_file_that_stays)
{
    g_autoptr(PolicyChange) change = staged("other", NEW);
    g_autoptr(GError) error = NULL;

    ck_assert(policy_change_publish(change, NULL));
    fail_call("unlinkat", "other", EIO);
    ck_assert(!policy_change_take_back(change, &error));
    EXPECT_SAID(error, "cannot remove ", "/other", g_strerror(EIO));
    ck_assert_ptr_null(strstr(error->message, ".tmp"));
    ck_assert(policy_is_dirty(dir, NAME));
}
END_TEST

/* What could not be put back outlives the calls that fail after that, and goes with one that ends well. */
START_TEST(test_last_good_is_kept)
{
    const char *kept = _i ? "old.tmp2" : "old.tmp"; /* by a copy */

    put("old", OLD);
    if (_i)
        fail_call("renameat2", NULL, EINVAL);
    fail_to_take_back("refused\n");
    expect(kept, OLD);
    for (int round = 0; round < 3; round++) {
        g_autoptr(PolicyChange) change = NULL;

        fault_arm("fsync", 0, FAULT_FAIL);
        change = policy_change_new(dir, NAME);
        ck_assert(!policy_change_write(change, dir, "old", NEW, 0644, NULL));
        expect(kept, OLD);
        g_clear_pointer(&change, policy_change_free);
        fail_to_take_back(NEW);
        expect(kept, OLD);
        change = staged("old", NEW);
        ck_assert(policy_change_publish(change, NULL));
        g_clear_pointer(&change, policy_change_free);
        expect(kept, OLD);
    }
    ck_assert(policy_is_dirty(dir, NAME));
    policy_clear_leftovers(dir, "old");
    ck_assert(policy_set_clean(dir, NAME, NULL));
    ck_assert_int_eq(count_files(), 1);
}
END_TEST

/* The same of one that was to go: nothing but its temporary is left of it. */
START_TEST(test_last_good_of_what_was_removed)
{
    g_autoptr(PolicyChange) change = policy_change_new(dir, NAME);

    put("old", OLD);
    policy_change_remove(change, dir, "old");
    ck_assert(policy_change_publish(change, NULL));
    fault_arm("take-back", 0, FAULT_FAIL);
    ck_assert(!policy_change_take_back(change, NULL));
    g_clear_pointer(&change, policy_change_free);
    expect("old", NULL);
    expect("old.tmp", OLD);

    /* again, and made anew: both are taken back */
    change = policy_change_new(dir, NAME);
    policy_change_remove(change, dir, "old");
    ck_assert(policy_change_publish(change, NULL));
    g_clear_pointer(&change, policy_change_free);
    expect("old.tmp", OLD);
    change = staged("old", NEW);
    ck_assert(policy_change_publish(change, NULL));
    g_clear_pointer(&change, policy_change_free);
    expect("old", NULL);
    expect("old.tmp", OLD);
}
END_TEST

/* Without a mark it is of a call that ended before it changed anything, and goes. */
START_TEST(test_unmarked_leftover_goes)
{
    g_autoptr(PolicyChange) change = NULL;

    put("old", OLD);
    put("old.tmp", "half");
    change = staged("old", NEW);
    ck_assert(policy_change_publish(change, NULL));
    policy_change_keep(change);
    g_clear_pointer(&change, policy_change_free);
    expect("old", NEW);
    ck_assert_int_eq(count_files(), 1);
}
END_TEST

/* ---- the disk ---- */

/* What cannot be told to be on disk is not published, but where nothing more can be asked of it. */
static const struct {
    const char *call;
    const char *about;
    int error;
    gboolean goes_on;
} syncs[] = {
    {"openat", ".", EACCES, TRUE}, /* by the profile that distributions have for the helper */
    {"openat", ".", EPERM, TRUE},  {"openat", ".", EMFILE, FALSE}, {"fchmod", NULL, EPERM, FALSE},
    {"fsync", NULL, EIO, FALSE},   {"fsync", NULL, ENOSPC, FALSE},
};

START_TEST(test_sync)
{
    g_autoptr(PolicyChange) change = policy_change_new(dir, NAME);
    g_autoptr(GError) error = NULL;
    gboolean done;

    put("old", OLD);
    fail_call(syncs[_i].call, syncs[_i].about, syncs[_i].error);
    done = policy_change_write(change, dir, "old", NEW, 0644, &error) &&
           policy_change_publish(change, &error);
    ck_assert_int_eq(done, syncs[_i].goes_on);
    if (done)
        policy_change_keep(change);
    else
        EXPECT_SAID(error, path, g_strerror(syncs[_i].error));
    g_clear_pointer(&change, policy_change_free);
    expect("old", done ? NEW : OLD);
    ck_assert_int_eq(count_files(), 1);
}
END_TEST

/* Some file systems have no fsync() of a directory. */
START_TEST(test_directory_without_sync)
{
    g_autoptr(PolicyChange) change = staged("old", NEW);

    fail_call("fsync", NULL, EINVAL);
    ck_assert(policy_change_publish(change, NULL));
    policy_change_keep(change);
    expect("old", NEW);
}
END_TEST

/* The exchange is refused for another reason than that there is none: a copy would fail as well. */
START_TEST(test_exchange_that_is_refused)
{
    g_autoptr(GError) error = NULL;

    put("old", OLD);
    fail_call("renameat2", NULL, EROFS);
    fail_to_publish(&error);
    EXPECT_SAID(error, "cannot replace ", path, "/old", g_strerror(EROFS));
    expect("old", OLD);
    ck_assert_int_eq(count_files(), 1);
}
END_TEST

START_TEST(test_unmarked)
{
    g_autoptr(GError) error = NULL;

    put("old", OLD);
    fail_call("openat", ".dirty", ENOSPC);
    fail_to_publish(&error);
    EXPECT_SAID(error, "cannot create ", path, ".dirty", g_strerror(ENOSPC));
    expect("old", OLD);
    ck_assert_int_eq(count_files(), 1);
}
END_TEST

/* What is not there for certain is there. */
START_TEST(test_unlink_that_fails)
{
    g_autoptr(GError) error = NULL;

    ck_assert(policy_unlink(dir, "none", &error));
    put("old", OLD);
    fail_call("unlinkat", "old", EROFS);
    ck_assert(!policy_unlink(dir, "old", &error));
    EXPECT_SAID(error, "cannot remove ", path, "/old", g_strerror(EROFS));
    ck_assert(g_error_matches(error, BASE_ERROR, BASE_ERROR_DENIED));
}
END_TEST

START_TEST(test_no_directory)
{
    g_autofree char *file = g_build_filename(path, "old", NULL);
    g_autofree char *none = g_build_filename(path, "none", NULL);
    g_autoptr(GError) error = NULL;

    put("old", OLD);
    ck_assert_ptr_null(policy_dir_open(file, &error));
    ck_assert(g_error_matches(error, BASE_ERROR, BASE_ERROR_DAMAGED));
    EXPECT_SAID(error, file);
    g_clear_error(&error);
    ck_assert_ptr_null(policy_dir_open(none, &error));
    ck_assert(g_error_matches(error, BASE_ERROR, BASE_ERROR_NOT_FOUND));
    ck_assert_ptr_null(policy_dir_open(file, NULL));
}
END_TEST

/* ---- the lock ---- */

/* A call that fails for ever is not waited for, and none that stays busy is, for longer than was said. */
static const struct {
    const char *call;
    const char *about;
    int error;
    gboolean pid; /* of the lock without locks of files */
    int code;
} locks[] = {
    {"openat", ".lock", EIO, FALSE, BASE_ERROR_FAILED},
    {"openat", ".lock", EROFS, FALSE, BASE_ERROR_DENIED},
    {"fstatat", ".lock", EIO, FALSE, BASE_ERROR_FAILED},
    {"fstatat", ".lock", ENOENT, FALSE, BASE_ERROR_BUSY}, /* it is always removed */
    {"fstat", NULL, EIO, FALSE, BASE_ERROR_FAILED},
    {"fcntl", "1", EIO, FALSE, BASE_ERROR_FAILED},
    {"fcntl", "1", EAGAIN, FALSE, BASE_ERROR_BUSY}, /* who is about to remove it does not */
    {"fcntl", "0", EIO, FALSE, BASE_ERROR_FAILED},
    {"fcntl", "0", EAGAIN, FALSE, BASE_ERROR_FAILED}, /* which waiting does not */
    {"symlinkat", ".lock.pid", ENOSPC, TRUE, BASE_ERROR_FAILED},
    {"readlinkat", ".lock.pid", EIO, TRUE, BASE_ERROR_FAILED},
    {"readlinkat", ".lock.pid", ENOENT, TRUE, BASE_ERROR_BUSY},
};

START_TEST(test_lock_that_fails)
{
    const gint64 begin = g_get_monotonic_time();
    g_autoptr(GError) error = NULL;

    if (g_str_equal(locks[_i].call, "readlinkat"))
        ck_assert_int_eq(symlinkat("1 1", policy_dir_fd(dir), NAME ".lock.pid"), 0);
    fail_call(locks[_i].call, locks[_i].about, locks[_i].error);
    if (locks[_i].pid)
        fault_arm("flock", 0, FAULT_FAIL);
    ck_assert_ptr_null(
        policy_lock(dir, NAME, locks[_i].code == BASE_ERROR_BUSY ? 300 : 60000, &error));
    ck_assert_int_lt(g_get_monotonic_time() - begin, 20 * G_USEC_PER_SEC);
    ck_assert_msg(g_error_matches(error, BASE_ERROR, locks[_i].code), "%d: %s", error->code,
                  error->message);
    EXPECT_SAID(error, path, NAME ".lock");
    if (locks[_i].code != BASE_ERROR_BUSY)
        EXPECT_SAID(error, "cannot lock ", g_strerror(locks[_i].error));
}
END_TEST

/* Where files cannot be locked the other kind of lock is had, and nothing is left of the first. */
START_TEST(test_no_locks_of_files)
{
    static const struct {
        const char *byte;
        int error;
    } rows[] = {{"1", ENOLCK}, {"1", EINVAL}, {"0", ENOLCK}, {"0", EOPNOTSUPP}};
    g_autoptr(PolicyLock) lock = NULL;

    fail_call("fcntl", rows[_i].byte, rows[_i].error);
    lock = policy_lock(dir, NAME, 1000, NULL);
    ck_assert_ptr_nonnull(lock);
    ck_assert(policy_exists(dir, NAME ".lock.pid"));
    ck_assert_int_eq(count_files(), 1);
    g_clear_pointer(&lock, policy_unlock);
    ck_assert_int_eq(count_files(), 0);
}
END_TEST

/* Into a file that is there, and keeps its number. */
static void
put_inside(const char *name, const char *text)
{
    int fd = openat(policy_dir_fd(dir), name, O_WRONLY | O_TRUNC | O_CLOEXEC);

    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

/* A holder that has written nothing down, or whose number is another's, is not named. */
START_TEST(test_lock_without_signature)
{
    g_autoptr(PolicyLock) lock = policy_lock(dir, NAME, 1000, NULL);
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_nonnull(lock);
    put_inside(NAME ".lock", _i ? "1 1" : "");
    ck_assert_ptr_null(policy_lock(dir, NAME, 50, &error));
    ck_assert(g_error_matches(error, BASE_ERROR, BASE_ERROR_BUSY));
    EXPECT_SAID(error, "another call for this VM has not ended");
    ck_assert_ptr_null(strstr(error->message, "process"));
}
END_TEST

/* /proc that says nothing leaves who is asked about alive: two would have the lock. */
START_TEST(test_holder_of_which_nothing_is_known)
{
    const Holder self = holder_self();
    const Holder init = {.pid = 1, .start = 1};
    Holder unknown;

    ck_assert(!holder_lives(&init));
    fail_call("open", "/stat", EACCES);
    unknown = holder_self();
    ck_assert_uint_eq(unknown.start, 0);
    ck_assert(holder_lives(&self));
    ck_assert(!holder_lives(&init)); /* by its name */
    fail_call("open", "/status", EMFILE);
    ck_assert(holder_lives(&self));
    ck_assert(holder_lives(&init));
}
END_TEST

/* The heir of a dead holder cannot take his place, or cannot be read: the lock is nobody's. */
START_TEST(test_heir_that_fails)
{
    static const struct {
        const char *call;
        const char *about;
        int error;
    } rows[] = {
        {"symlinkat", ".lock.pid.1-1", ENOSPC},
        {"readlinkat", ".lock.pid.1-1", EIO},
    };
    g_autoptr(GError) error = NULL;
    g_autoptr(PolicyLock) lock = NULL;

    /* process 1 has started at another time */
    ck_assert_int_eq(symlinkat("1 1", policy_dir_fd(dir), NAME ".lock.pid"), 0);
    fail_call(rows[_i].call, rows[_i].about, rows[_i].error);
    fault_arm("flock", 0, FAULT_FAIL);
    ck_assert_ptr_null(policy_lock(dir, NAME, 60000, &error));
    EXPECT_SAID(error, "cannot lock ", path, g_strerror(rows[_i].error));
    fail_no_call();
    fault_arm("flock", 0, FAULT_FAIL);
    lock = policy_lock(dir, NAME, 1000, NULL);
    ck_assert_ptr_nonnull(lock);
    g_clear_pointer(&lock, policy_unlock);
    ck_assert_int_eq(count_files(), 0);
}
END_TEST

/* The heir cannot give the lock his own name: he tries again until the time is over, and leaves nothing. */
START_TEST(test_heir_that_cannot_settle)
{
    g_autoptr(GError) error = NULL;

    ck_assert_int_eq(symlinkat("1 1", policy_dir_fd(dir), NAME ".lock.pid"), 0);
    fail_call("renameat", ".lock.pid.1-1", EIO);
    fault_arm("flock", 0, FAULT_FAIL);
    ck_assert_ptr_null(policy_lock(dir, NAME, 100, &error));
    ck_assert(g_error_matches(error, BASE_ERROR, BASE_ERROR_BUSY));
    ck_assert_int_eq(count_files(), 1);
}
END_TEST

/* ---- records ---- */

#define SOCKET "/run/libvirt/qemu/domain-1-x/fs0-fs.sock"

static GPtrArray *
with_record(void)
{
    g_autofree char *name = records_name(SOCKET, NULL);
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

    put(name, "");
    g_ptr_array_add(names, g_steal_pointer(&name));
    return names;
}

/* A profile whose record cannot be locked may be about to be taken by a launcher: it would be unconfined. */
static const struct {
    const char *call;
    const char *about;
    int error;
    gboolean held;
} holds[] = {
    {"flock", NULL, EWOULDBLOCK, FALSE}, {"flock", NULL, ENOLCK, FALSE},
    {"openat", "sock", EMFILE, FALSE},   {"openat", "sock", EACCES, FALSE},
    {"openat", "sock", ENOENT, TRUE},
};

START_TEST(test_hold)
{
    g_autoptr(GPtrArray) names = with_record();
    g_autoptr(RecordsHeld) held = NULL;

    fail_call(holds[_i].call, holds[_i].about, holds[_i].error);
    held = records_hold(dir, names);
    ck_assert_int_eq(held != NULL, holds[_i].held);
}
END_TEST

START_TEST(test_no_place_for_records)
{
    static const char *const about[] = {"/records", "/vms"};
    g_autofree char *records = g_build_filename(path, "records", NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(PolicyDir) vms = NULL;

    fail_call("mkdir", about[_i], ENOSPC);
    ck_assert_ptr_null(records_open(records, RECORDS_VMS, TRUE, &error));
    EXPECT_SAID(error, records, g_strerror(ENOSPC));
    g_clear_error(&error);
    ck_assert_ptr_null(records_open(records, RECORDS_VMS, FALSE, &error));
    ck_assert(g_error_matches(error, BASE_ERROR, BASE_ERROR_NOT_FOUND));
    fail_no_call();
    for (int twice = 0; twice < 2; twice++) {
        g_clear_pointer(&vms, policy_dir_free);
        vms = records_open(records, RECORDS_VMS, TRUE, NULL);
        ck_assert_ptr_nonnull(vms);
    }
}
END_TEST

START_TEST(test_records_that_are_not_found)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;

    /* what has half of a name is being written, and nobody's */
    put("a-fs.sock.tmp", "half");
    put("b-fs.sock.tmp3", "half");
    ck_assert(records_find(dir, NAME, names, &error));
    fail_call("openat", ".", EACCES);
    ck_assert(!records_find(dir, NAME, names, &error));
    ck_assert(g_error_matches(error, BASE_ERROR, BASE_ERROR_DENIED));
    EXPECT_SAID(error, "cannot read ", path);
    fail_no_call();
    g_clear_error(&error);
    fault_arm("readdir", _i ? 2 : 0, FAULT_FAIL);
    ck_assert(!records_find(dir, NAME, names, &error));
    EXPECT_SAID(error, "cannot read ", path, g_strerror(EIO));
    g_clear_error(&error);
    put("c", "rubbish");
    put("d", "rubbish");
    ck_assert(!records_find(dir, NAME, names, &error));
    ck_assert(g_error_matches(error, BASE_ERROR, BASE_ERROR_DAMAGED));
    EXPECT_SAID(error, path, "nobody knows whose it is");
    g_clear_error(&error);
    fault_arm("readdir", 4, FAULT_FAIL);
    ck_assert(!records_find(dir, NAME, names, &error));
    ck_assert_ptr_nonnull(error);
    ck_assert_uint_eq(names->len, 0);
}
END_TEST

START_TEST(test_record_that_is_not_written)
{
    g_autofree char *long_name = g_strnfill(300, 'x');
    g_autofree char *long_socket = g_strconcat("/", long_name, NULL);
    g_autoptr(PolicyChange) change = policy_change_new(dir, NAME);
    g_autoptr(GError) error = NULL;

    put("old", OLD);
    fault_arm("record", 0, FAULT_FAIL);
    ck_assert(records_stage(change, dir, "old", OLD, &error)); /* it is what it is */
    ck_assert(!records_stage(change, dir, "old", NEW, &error));
    EXPECT_SAID(error, "cannot write the record ", path, "/old");
    ck_assert(policy_change_publish(change, NULL));
    expect("old", OLD);
    ck_assert_int_eq(count_files(), 1);
    g_clear_error(&error);
    ck_assert_ptr_null(records_name(long_socket, &error));
    ck_assert(g_error_matches(error, BASE_ERROR, BASE_ERROR_LIMIT));
    EXPECT_SAID(error, long_socket);
}
END_TEST

#define RECORD_OF(uuid_begin)                         \
    "virt-aa-virtiofs 1\nprofile=libvirt-" uuid_begin \
    "1234567-89ab-cdef-0123-456789abcdef\ndomain="    \
    "vm\n"
#define OUR_PROFILE "libvirt-01234567-89ab-cdef-0123-456789abcdef"

/* What a call of another VM has moved aside is its own to put back or to remove. */
START_TEST(test_record_beside_another)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

    put("a", RECORD_OF("0"));
    put("b@" OUR_PROFILE ".tmp2", RECORD_OF("0"));
    put("a@libvirt-11234567-89ab-cdef-0123-456789abcdef.tmp", RECORD_OF("0"));
    ck_assert(records_find(dir, OUR_PROFILE, names, NULL));
    ck_assert_uint_eq(names->len, 2);
    ck_assert(g_ptr_array_find_with_equal_func(names, "a", g_str_equal, NULL));
    ck_assert(g_ptr_array_find_with_equal_func(names, "b@" OUR_PROFILE ".tmp2", g_str_equal, NULL));
}
END_TEST

START_TEST(test_record_that_is_removed)
{
    g_autoptr(RecordsHeld) held = records_held_new();
    g_autofree char *link = g_build_filename(path, "link", NULL);
    g_autoptr(GError) error = NULL;

    put("ours", RECORD_OF("0"));
    put("others", RECORD_OF("1"));
    put("rubbish", "rubbish");
    ck_assert_int_eq(symlink("ours", link), 0);
    ck_assert(records_remove(held, dir, "others", OUR_PROFILE, &error));
    ck_assert(records_remove(held, dir, "none", OUR_PROFILE, &error));
    ck_assert(!records_remove(held, dir, "rubbish", OUR_PROFILE, &error));
    ck_assert(g_error_matches(error, BASE_ERROR, BASE_ERROR_DAMAGED));
    g_clear_error(&error);
    ck_assert(!records_remove(held, dir, "link", OUR_PROFILE, &error));
    ck_assert(g_error_matches(error, BASE_ERROR, BASE_ERROR_DAMAGED));
    g_clear_error(&error);
    fault_arm("record-lock", 0, FAULT_FAIL);
    ck_assert(!records_remove(held, dir, "ours", OUR_PROFILE, &error));
    EXPECT_SAID(error, "cannot lock the record ", path, "/ours", g_strerror(EIO));
    g_clear_error(&error);
    ck_assert(policy_exists(dir, "ours"));
    ck_assert(records_remove(held, dir, "ours", OUR_PROFILE, &error));
    ck_assert(!policy_exists(dir, "ours"));
    expect("others", RECORD_OF("1"));
    expect("rubbish", "rubbish");
}
END_TEST

START_TEST(test_record_that_is_claimed)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_autoptr(GError) error = NULL;
    RecordsHeld *held = records_held_new();
    RecordsHeld *second;
    gboolean own;

    put("record", RECORD_OF("0"));
    g_ptr_array_add(names, (char *)"record");
    ck_assert(records_claim(held, dir, "none", "libvirt-x", &error));
    ck_assert(records_claim(held, dir, "record", "libvirt-x", &error));
    second = records_held_new();
    ck_assert(!records_claim(second, dir, "record", "libvirt-x", &error));
    ck_assert(g_error_matches(error, BASE_ERROR, BASE_ERROR_BUSY));
    g_clear_error(&error);
    /* the time is over for all that it holds */
    ck_assert(!records_keep(second, dir, "record", OUR_PROFILE, &own, &error));
    ck_assert(g_error_matches(error, BASE_ERROR, BASE_ERROR_BUSY));
    ck_assert_ptr_null(records_hold(dir, names));
    records_release(second);
    records_release(held);

    /* who removes keeps out who would replace, but not a launcher */
    held = records_held_new();
    ck_assert(records_keep(held, dir, "record", OUR_PROFILE, &own, NULL) && own);
    second = records_hold(dir, names);
    ck_assert_ptr_null(second);
    second = records_held_new();
    ck_assert(records_keep(second, dir, "record", OUR_PROFILE, &own, NULL) && own);
    records_release(second);
    records_release(held);

    /* and another VM's is not kept at all */
    held = records_held_new();
    ck_assert(records_keep(held, dir, "record", "libvirt-x", &own, NULL) && !own);
    second = records_hold(dir, names);
    ck_assert_ptr_nonnull(second);
    records_release(second);
    records_release(held);
}
END_TEST

/* Each VM has names of its own for what it writes beside a file of several. */
START_TEST(test_names_beside)
{
    g_autofree char *beside = NULL;

    policy_dir_share(dir, OUR_PROFILE);
    beside = policy_dir_beside(dir, "record");
    ck_assert_str_eq(beside, "record@" OUR_PROFILE);
    put("record", "old");
    put("record.tmp", "another's");
    put("record@libvirt-x.tmp", "another's");
    for (int i = 0; i < 2; i++) {
        g_autoptr(PolicyChange) change = policy_change_new(dir, NAME);

        ck_assert(policy_change_write(change, dir, "record", i ? "newest" : "new", 0600, NULL));
        ck_assert(policy_exists(dir, "record@" OUR_PROFILE ".tmp"));
        ck_assert(policy_change_publish(change, NULL));
        policy_change_keep(change);
    }
    put("record@" OUR_PROFILE ".tmp2", "of a crash");
    policy_clear_leftovers(dir, "record");
    expect("record", "newest");
    expect("record.tmp", "another's");
    expect("record@libvirt-x.tmp", "another's");
    ck_assert_int_eq(count_files(), 3);
}
END_TEST

/* What was moved away is not put back over what somebody else has put there since. */
START_TEST(test_name_that_is_taken_over)
{
    for (int removes = 0; removes < 2; removes++) {
        g_autoptr(PolicyChange) change = policy_change_new(dir, NAME);
        g_autoptr(GError) error = NULL;

        if (removes) {
            put("name", "old");
            policy_change_remove(change, dir, "name");
            ck_assert(policy_change_publish(change, NULL));
            put("name", "another's");
            ck_assert(policy_change_take_back(change, &error));
        } else {
            ck_assert(policy_change_write(change, dir, "name", "ours", 0600, NULL));
            fail_call("renameat2", "name.tmp", EEXIST);
            ck_assert(!policy_change_publish(change, &error));
            EXPECT_SAID(error, "cannot replace ", "/name", g_strerror(EEXIST));
            fail_no_call();
            put("name", "another's");
        }
        g_clear_pointer(&change, policy_change_free);
        expect("name", "another's");
        ck_assert_int_eq(count_files(), 1);
    }
}
END_TEST

static void
add_tests(TCase *tc)
{
    tcase_add_test(tc, test_record_beside_another);
    tcase_add_test(tc, test_record_that_is_removed);
    tcase_add_test(tc, test_record_that_is_claimed);
    tcase_add_test(tc, test_names_beside);
    tcase_add_test(tc, test_name_that_is_taken_over);
    tcase_add_test(tc, test_publish_and_take_back_fail);
    tcase_add_loop_test(tc, test_mark_after_a_load_that_failed, 0, 2);
    tcase_add_test(tc, test_take_back_goes_on);
    tcase_add_test(tc, test_new_file_that_stays);
    tcase_add_loop_test(tc, test_last_good_is_kept, 0, 2);
    tcase_add_test(tc, test_last_good_of_what_was_removed);
    tcase_add_test(tc, test_unmarked_leftover_goes);
    tcase_add_loop_test(tc, test_sync, 0, G_N_ELEMENTS(syncs));
    tcase_add_test(tc, test_directory_without_sync);
    tcase_add_test(tc, test_exchange_that_is_refused);
    tcase_add_test(tc, test_unmarked);
    tcase_add_test(tc, test_unlink_that_fails);
    tcase_add_test(tc, test_no_directory);
    tcase_add_loop_test(tc, test_lock_that_fails, 0, G_N_ELEMENTS(locks));
    tcase_add_loop_test(tc, test_no_locks_of_files, 0, 4);
    tcase_add_loop_test(tc, test_lock_without_signature, 0, 2);
    tcase_add_test(tc, test_holder_of_which_nothing_is_known);
    tcase_add_loop_test(tc, test_heir_that_fails, 0, 2);
    tcase_add_test(tc, test_heir_that_cannot_settle);
    tcase_add_loop_test(tc, test_hold, 0, G_N_ELEMENTS(holds));
    tcase_add_loop_test(tc, test_no_place_for_records, 0, 2);
    tcase_add_loop_test(tc, test_records_that_are_not_found, 0, 2);
    tcase_add_test(tc, test_record_that_is_not_written);
}

int
main(void)
{
    Suite *suite = suite_create("policy-failures");
    TCase *tc = tcase_create("failures");
    TCase *copies = tcase_create("without exchange");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(copies, setup_without_exchange, teardown_calls);
    tcase_add_loop_test(copies, test_copy_that_fails, 0, 3);
    tcase_add_test(copies, test_copied_and_not_replaced);
    tcase_add_loop_test(copies, test_damaged_and_not_replaced, 0, 2);
    tcase_add_loop_test(copies, test_copy_that_keeps_its_name, 0, 2);
    tcase_add_checked_fixture(tc, setup, teardown_calls);
    add_tests(tc);
    suite_add_tcase(suite, copies);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
