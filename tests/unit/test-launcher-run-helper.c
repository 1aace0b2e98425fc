/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/environment.h"
#include "launcher/run-helper.h"

#include <signal.h>
#include <sys/wait.h>

#include "launcher-fixture.h"

static bool
run(const char *script, int timeout_ms, Failure *failure)
{
    const char *path = fixture_file("helper", script, 0755);
    char *argv[] = {(char *)path, (char *)"one", (char *)"two", NULL};

    failure->text[0] = '\0';
    failure->todo = NULL;
    return run_helper(path, argv, timeout_ms, failure);
}

static const struct {
    const char *name;
    const char *script;
    const char *message; /* NULL: it succeeds */
} rows[] = {
    {"succeeds", "#!/bin/sh\nexit 0\n", NULL},
    {"arguments", "#!/bin/sh\n[ $# = 2 ] && [ \"$1\" = one ] && [ \"$2\" = two ]\n", NULL},
    {"standard input is empty", "#!/bin/sh\n! read line\n", NULL},
    {"no descriptor of ours", "#!/bin/sh\n[ ! -e /proc/$$/fd/77 ]\n", NULL},
    {"its own environment",
     "#!/bin/sh\n[ -z \"$SECRET\" ] && [ \"$LANG\" = C ] && "
     "[ \"$PATH\" = /usr/sbin:/usr/bin:/sbin:/bin ]\n",
     NULL},
    {"a lot of output",
     "#!/bin/sh\ni=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo "
     "0123456789012345678901234567890123456789; done 2>/dev/null\n",
     NULL},
    {"fails", "#!/bin/sh\necho first; echo it hurts >&2; exit 3\n",
     "failed with status 3 (it hurts)"},
    {"fails in silence", "#!/bin/sh\nexit 1\n", "failed with status 1 ()"},
    {"is killed", "#!/bin/sh\nkill -9 $$\n", "was killed by signal 9"},
    {"is no program", "#!/nonexistent\n", "cannot run"},
};

START_TEST(test_helpers)
{
    Failure failure;
    bool good;

    setenv("SECRET", "x", 1);
    setenv("LANG", "C", 1);
    environment_reduce();
    /* a descriptor that is there to be inherited, as the listening socket is */
    ck_assert_int_eq(dup2(STDERR_FILENO, 77), 77);
    good = run(rows[_i].script, 30000, &failure);
    close(77);
    ck_assert_msg(good == !rows[_i].message, "%s: %s", rows[_i].name, failure.text);
    ck_assert_msg(good || strstr(failure.text, rows[_i].message), "%s: %s", rows[_i].name,
                  failure.text);
    ck_assert_msg(good || failure.todo, "%s", rows[_i].name);
    ck_assert_msg(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD, "%s", rows[_i].name);
}
END_TEST

START_TEST(test_time_out)
{
    Failure failure;

    ck_assert(!run("#!/bin/sh\nexec sleep 1\n", 50, &failure));
    ck_assert_ptr_nonnull(strstr(failure.text, "has not answered"));
    while (waitpid(-1, NULL, 0) > 0)
        continue;
    /* output is over, the process is not */
    ck_assert(!run("#!/bin/sh\nexec sleep 1 >/dev/null 2>&1\n", 50, &failure));
    while (waitpid(-1, NULL, 0) > 0)
        continue;
}
END_TEST

START_TEST(test_children_ignored)
{
    Failure failure;

    signal(SIGCHLD, SIG_IGN);
    ck_assert(!run("#!/bin/sh\nexit 5\n", 30000, &failure));
    ck_assert_ptr_nonnull(strstr(failure.text, "status 5"));
    ck_assert(signal(SIGCHLD, SIG_DFL) == SIG_IGN);
}
END_TEST

START_TEST(test_not_there)
{
    char *argv[] = {(char *)"x", NULL};
    Failure failure;

    ck_assert(!run_helper("/nonexistent/helper", argv, 30000, &failure));
    ck_assert_ptr_nonnull(strstr(failure.text, "cannot run /nonexistent/helper: No such file"));
}
END_TEST

int
main(void)
{
    TCase *tc = tcase_create("helper");

    tcase_add_checked_fixture(tc, fixture_setup, fixture_teardown);
    tcase_add_loop_test(tc, test_helpers, 0, ROWS(rows));
    tcase_add_test(tc, test_time_out);
    tcase_add_test(tc, test_children_ignored);
    tcase_add_test(tc, test_not_there);
    return fixture_run("launcher-helper", tc);
}
