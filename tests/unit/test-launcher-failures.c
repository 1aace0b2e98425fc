/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "failing-calls.h"
#include "launcher-world.h"

/*
 * Each call of a start fails in turn, of those that the kernel is asked and of those of libc, with errno after
 * errno. Whatever fails, either nothing is run, or virtiofsd with all that confines it.
 */

/* ENOENT is not among them: of a record it says that there is none. */
static const int errors[] = {EACCES, EIO, EINVAL, ENOSYS};

/* What is shared, and what is said of it: a share of the definition, one that is attached, a read-only one. */
static const struct {
    const char *record;
    const char *options;
    bool readonly;
} starts[] = {
    {"share=@/share\nreadonly=no\noption=--posix-acl\n", "", false},
    {"", "", false},
    {"share=@/share\nreadonly=yes\n", "|--readonly", true},
};

enum { ERRORS = ROWS(errors), STARTS = ROWS(starts) };

static void
start_again(int which)
{
    char line[64];

    snprintf(line, sizeof(line), "--shared-dir|@/share%s", starts[which].options);
    memset(&done, 0, sizeof(done));
    start_with(listener, line);
}

/* As it is where nothing fails. */
static char good_line[sizeof(done.line)];
static char good_environment[sizeof(done.environment)];

static void
start_well(int which)
{
    ask.at = 0;
    fail_no_call();
    make_record(starts[which].record);
    start_again(which);
    ck_assert_ptr_nonnull(strstr(done.line, "|--sandbox|chroot"));
    ck_assert_ptr_null(strstr(done.environment, "SECRET"));
    fixture_copy(good_line, sizeof(good_line), done.line);
    fixture_copy(good_environment, sizeof(good_environment), done.environment);
}

static bool
is_confined(int which)
{
    return strcmp(done.label, LABEL) == 0 && done.unshared && done.mounted && done.settled &&
           done.filtered && done.dropped & UINT64_C(1) << CAP_SYS_ADMIN &&
           done.readonly == starts[which].readonly && strcmp(done.line, good_line) == 0 &&
           strcmp(done.environment, good_environment) == 0;
}

/* Failed as it should: nothing ran, and one line says of which VM and share. */
static void
assert_not_started(const char *failed, int error)
{
    const char *last = strstr(log_text, "virt-aa-virtiofsd: ");

    ck_assert_msg(!done.ran[0], "%s fails with %s: %s was run", failed, strerror(error), done.ran);
    ck_assert_msg(last && strchr(last, '\n') == log_text + strlen(log_text) - 1, "%s: %s", failed,
                  log_text);
    ck_assert_msg(strstr(log_text, "virtiofsd was not started: "), "%s: %s", failed, log_text);
}

/* What may fail: limits that are a favour, and a wall that older kernels do not have, which is said. */
static void
judge_ask(int which, int error)
{
    if (strcmp(ask.failed, "raise_descriptors") == 0) {
        ck_assert(is_confined(which) && done.landlocked);
    } else if (strcmp(ask.failed, "landlock_version") == 0 && error == ENOSYS) {
        ck_assert(is_confined(which) && !done.landlocked);
        ck_assert_ptr_nonnull(strstr(log_text, "no Landlock"));
    } else if (strcmp(ask.failed, "query") == 0 && !*starts[which].record && done.ran[0]) {
        ck_assert(is_confined(which) && done.landlocked); /* it is asked again, after the helper */
    } else if (strcmp(ask.failed, "may_gain") == 0 && error == EINVAL && done.ran[0]) {
        ck_assert(is_confined(which) && done.landlocked); /* a kernel that knows fewer */
    } else if (strcmp(ask.failed, "read_directory") == 0 && error == EACCES) {
        ck_assert(is_confined(which) && done.landlocked); /* as it should be */
    } else {
        assert_not_started(ask.failed, error);
        ck_assert_msg(strstr(log_text, "VM 'vm1', share '"), "%s: %s", ask.failed, log_text);
    }
}

START_TEST(test_kernel_fails)
{
    const int error = errors[_i / STARTS];
    const int which = _i % STARTS;

    start_well(which);
    for (ask.at = 1;; ask.at++) {
        ask.error = error;
        ask.calls = 0;
        ask.failed = NULL;
        start_again(which);
        if (!ask.failed)
            break;
        judge_ask(which, error);
    }
    ck_assert_msg(ask.at > 20, "%u calls", ask.at);
    ask.at = 0;
    ck_assert(is_confined(which) && done.landlocked);
}
END_TEST

START_TEST(test_libc_fails)
{
    const int error = errors[_i / STARTS];
    const int which = _i % STARTS;
    unsigned at = 0;

    start_well(which);
    do {
        fail_nth_call(++at, error, &running);
        start_again(which);
        if (!done.ran[0])
            assert_not_started(nth.failed, error);
        else
            ck_assert_msg(is_confined(which) && done.landlocked, "%s number %u fails with %s: %s",
                          nth.failed ? nth.failed : "nothing", at, strerror(error), log_text);
    } while (nth.failed);
    ck_assert_msg(at > 10, "%u calls", at);
    fail_no_call();
}
END_TEST

/* The sanitizers have their own allocator. */
#if defined(__SANITIZE_ADDRESS__) || defined(__clang__) || !defined(__GLIBC__)
#    define HAS_MEMORY 0
#else
#    define HAS_MEMORY 1

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

static unsigned memory_at; /* which allocation fails, from 1; 0: none */
static unsigned memory_calls;

static bool
memory_fails(void)
{
    if (!running || !memory_at || ++memory_calls != memory_at)
        return false;
    errno = ENOMEM;
    return true;
}

void *
malloc(size_t size)
{
    return memory_fails() ? NULL : __libc_malloc(size);
}

void *
calloc(size_t count, size_t size)
{
    return memory_fails() ? NULL : __libc_calloc(count, size);
}

void *
realloc(void *old, size_t size)
{
    return memory_fails() ? NULL : __libc_realloc(old, size);
}

/* What cannot be built of a path, an argument or a list is not left out. */
START_TEST(test_memory_fails)
{
    unsigned most = 0;

    start_well(_i);
    do {
        memory_at++;
        memory_calls = 0;
        start_again(_i);
        if (!done.ran[0])
            assert_not_started("an allocation", ENOMEM);
        else
            ck_assert_msg(is_confined(_i) && done.landlocked, "allocation number %u: %s", memory_at,
                          log_text);
        most = memory_calls;
    } while (most >= memory_at);
    ck_assert_msg(memory_at > 10, "%u allocations", memory_at);
    memory_at = 0;
}
END_TEST
#endif

int
main(void)
{
    TCase *tc = tcase_create("failures");

    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, test_kernel_fails, 0, ERRORS * STARTS);
    tcase_add_loop_test(tc, test_libc_fails, 0, ERRORS * STARTS);
#if HAS_MEMORY
    tcase_add_loop_test(tc, test_memory_fails, 0, STARTS);
#endif
    return fixture_run("launcher-failures", tc);
}
