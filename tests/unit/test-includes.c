/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "policy/includes.h"

#include <check.h>
#include <stdlib.h>

#include "policy-fixture.h"

/* Spellings of an include of DIR/one, as apparmor_parser 3.0 to 5.0 take them, but for those marked FALSE. */
static const struct {
    const char *text;
    gboolean is;
} spellings[] = {
    {"profile x {\n  include <one>\n}\n", TRUE},
    {"profile x {\n  #include <one>\n}\n", TRUE},
    {"profile x {\n  include\t<one>\n}\n", TRUE},
    {"profile x {\n  include if exists <one>\n}\n", TRUE},
    {"profile x {\n  #include<one>\n}\n", TRUE},
    {"abi <one>,\nprofile x {\n}\n", TRUE},
    {"abi<one>,\nprofile x {\n}\n", TRUE},
    {"profile x {\n  included <one>\n}\n", FALSE},
    {"profile x {\n  include <other>\n}\n", FALSE},
};

static char *
digest(const char *text)
{
    const char *dirs[] = {path, NULL};

    return includes_digest(text, dirs, "/bin/true");
}

START_TEST(test_spellings)
{
    g_autofree char *before = NULL;
    g_autofree char *after = NULL;

    put("one", "/a r,\n");
    before = digest(spellings[_i].text);
    put("one", "/b r,\n");
    after = digest(spellings[_i].text);
    ck_assert_ptr_nonnull(before);
    ck_assert_ptr_nonnull(after);
    ck_assert_msg(g_str_equal(before, after) != spellings[_i].is, "%s", spellings[_i].text);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("includes");
    TCase *tc = tcase_create("all");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, test_spellings, 0, G_N_ELEMENTS(spellings));
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
