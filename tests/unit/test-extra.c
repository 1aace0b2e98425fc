/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "virtiofsd/extra.h"

#include "launcher-fixture.h"
#include "option-lists.h"

START_TEST(test_check)
{
    char line[256];
    char *list[OPTION_LIST_MAX];
    Failure failure = {.text = ""};
    bool good;

    fixture_copy(line, sizeof(line), option_lists[_i].list);
    option_list_split(line, list);
    good = extra_check(list, &failure);
    ck_assert_msg(good == !option_lists[_i].why, "%s: %s", option_lists[_i].list, failure.text);
    if (option_lists[_i].why)
        ck_assert_msg(strstr(failure.text, option_lists[_i].why) && failure.todo, "%s: %s",
                      option_lists[_i].list, failure.text);
}
END_TEST

static const struct {
    const char *list;
    OptionKind kind;
    bool have;
} had[] = {
    {"--xattr|--readonly", OPTION_READONLY, true},
    {"--tag=--readonly", OPTION_READONLY, false},
    {"--xattrmap|--readonly", OPTION_READONLY, false},
    {"--cache=never|--inode-file-handles=prefer", OPTION_FILE_HANDLES, true},
    {"--cache=never", OPTION_FILE_HANDLES, false},
    {"-o|flock,posix_acl", OPTION_XATTR, true},
    {"-oxattrmap=a", OPTION_XATTR, true},
    {"-o|flock,no_xattr", OPTION_XATTR, false},
    {"--posix-acl", OPTION_XATTR, true},
    {"", OPTION_PLAIN, false},
};

START_TEST(test_have)
{
    char line[256];
    char *list[OPTION_LIST_MAX];

    fixture_copy(line, sizeof(line), had[_i].list);
    option_list_split(line, list);
    ck_assert_msg(extra_have(list, had[_i].kind) == had[_i].have, "%s", had[_i].list);
}
END_TEST

START_TEST(test_nothing)
{
    Failure failure;

    ck_assert(extra_check(NULL, &failure));
    ck_assert(!extra_have(NULL, OPTION_READONLY));
}
END_TEST

int
main(void)
{
    TCase *tc = tcase_create("extra");

    tcase_add_loop_test(tc, test_check, 0, ROWS(option_lists));
    tcase_add_loop_test(tc, test_have, 0, ROWS(had));
    tcase_add_test(tc, test_nothing);
    return fixture_run("extra", tc);
}
