/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "virtiofsd/capability.h"
#include "virtiofsd/extra.h"

#include "launcher-fixture.h"

static const struct {
    const char *list;
    bool good;
} lists[] = {
    {"+sys_admin", true},
    {"-mknod:+bpf:-chown", true},
    {"+SYS_ADMIN:-MkNod", true},
    {"+checkpoint_restore", true},
    {"", false},
    {"+", false},
    {"-", false},
    {"sys_admin", false},
    {"+sys_admin:", false},
    {":+sys_admin", false},
    {"+sys_admin::-mknod", false},
    {"+sys_admin:-x", false},
    {"+sys_admi", false},
    {"+sys_admins", false},
    {"+cap_sys_admin", false}, /* virtiofsd 1.13.2 and 7.2 do not start with it */
    {"+sys_admin,-mknod", false},
    {" +sys_admin", false},
    {"+ sys_admin", false},
};

START_TEST(test_lists)
{
    Failure failure = {.text = ""};
    bool good = capability_check(lists[_i].list, strlen(lists[_i].list), &failure);

    ck_assert_msg(good == lists[_i].good, "%s: %s", lists[_i].list, failure.text);
    ck_assert_msg(good || failure.text[0], "%s", lists[_i].list);
}
END_TEST

/* What is left of {chown, mknod} and added to it. */
static const struct {
    const char *options[4];
    const char *left;
} changes[] = {
    {{NULL}, "chown mknod"},
    {{"--posix-acl"}, "chown mknod"},
    {{"--modcaps=-mknod"}, "chown"},
    {{"--modcaps", "+bpf"}, "chown mknod bpf"},
    {{"--modcaps=+sys_admin:-chown"}, "sys_admin mknod"},
    {{"--modcaps=+SYS_ADMIN:+mknod"}, "chown sys_admin mknod"},
    {{"--modcaps=+bpf:-bpf"}, "chown mknod"},
    {{"--modcaps=-bpf:+bpf"}, "chown mknod bpf"},
    {{"-oxattr,modcaps=-chown:+bpf,flock"}, "mknod bpf"},
    {{"-o", "modcaps=-chown"}, "mknod"},
    {{"--tag=--modcaps=-chown"}, "chown mknod"},
    {{"--xattrmap", "modcaps=-chown"}, "chown mknod"},
    /* the last counts, for virtiofsd too, and one in -o most of all */
    {{"--modcaps=-mknod", "--modcaps=+bpf"}, "chown mknod bpf"},
    {{"-omodcaps=-mknod,modcaps=+bpf"}, "chown mknod bpf"},
    {{"--modcaps=-mknod", "-omodcaps=+bpf"}, "chown mknod bpf"},
    {{"-omodcaps=+bpf", "--modcaps=-mknod"}, "chown mknod bpf"},
};

START_TEST(test_changes)
{
    char *const *options = (char *const *)changes[_i].options;
    Failure failure = {.text = ""};
    char left[256] = "";
    Capabilities set =
        extra_capabilities(options, CAPABILITY_BIT(CAP_CHOWN) | CAPABILITY_BIT(CAP_MKNOD));

    ck_assert_msg(extra_check(options, &failure), "%d: %s", _i, failure.text);
    for (unsigned i = 0; i < CAPABILITY_COUNT; i++)
        if (set & CAPABILITY_BIT(i))
            snprintf(left + strlen(left), sizeof(left) - strlen(left), "%s%s", *left ? " " : "",
                     capability_name(i));
    ck_assert_msg(strcmp(left, changes[_i].left) == 0, "%s: %s", changes[_i].options[0], left);
}
END_TEST

START_TEST(test_names)
{
    for (unsigned i = 0; i < CAPABILITY_COUNT; i++) {
        char change[64];
        Failure failure;

        ck_assert_msg(capability_name(i) != NULL, "capability %u", i);
        snprintf(change, sizeof(change), "+%s", capability_name(i));
        ck_assert_msg(capability_check(change, strlen(change), &failure), "%s", change);
        ck_assert_msg(capability_apply(change, strlen(change), 0) == CAPABILITY_BIT(i), "%s",
                      change);
    }
}
END_TEST

int
main(void)
{
    TCase *tc = tcase_create("capability");

    tcase_add_loop_test(tc, test_lists, 0, ROWS(lists));
    tcase_add_loop_test(tc, test_changes, 0, ROWS(changes));
    tcase_add_test(tc, test_names);
    return fixture_run("capability", tc);
}
