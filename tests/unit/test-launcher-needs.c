/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/needs.h"

#include "launcher-fixture.h"

static const struct {
    const char *name;
    const char *line; /* arguments, with "|" between */
    Needs needs;
} rows[] = {
    {"libvirt's", "--fd=3|--shared-dir|/a|--sandbox|chroot", {.xattr = false}},
    {"xattr", "--xattr", {.xattr = true}},
    {"posix-acl", "--posix-acl", {.xattr = true}},
    {"security-label", "--security-label", {.xattr = true}},
    {"xattrmap", "--xattrmap|:map::user.:", {.xattr = true}},
    {"xattrmap=", "--xattrmap=:map::user.:", {.xattr = true}},
    {"-o xattr", "-o|cache=always,xattr", {.xattr = true}},
    {"-oxattr", "-oxattr", {.xattr = true}},
    {"-o posix_acl", "-o|posix_acl", {.xattr = true}},
    {"-o xattrmap", "-o|xattrmap=:map::user.:,flock", {.xattr = true}},
    {"-o no_xattr", "-o|no_xattr,source=/a", {.xattr = false}},
    {"another option's value", "--tag|--xattr|--cache|xattr", {.xattr = false}},
    {"a directory's name", "-o|source=/a\\,xattr,sandbox=chroot", {.xattr = false}},
    {"the end of a name", "--noxattr", {.xattr = false}},
    {"the start of a name", "--xattrs", {.xattr = false}},
    {"file handles", "--inode-file-handles=prefer", {.file_handles = true}},
    {"no file handles", "--inode-file-handles=never", {.file_handles = false}},
    {"modcaps", "--modcaps=+sys_admin", {.capabilities = true}},
    {"-o modcaps", "-o|modcaps=+sys_admin:-mknod", {.capabilities = true}},
    {"rlimit", "--rlimit-nofile=5000", {.descriptors = 5000, .descriptors_given = true}},
    {"rlimit apart", "--rlimit-nofile|0", {.descriptors = 0, .descriptors_given = true}},
    {"rlimit that is none", "--rlimit-nofile=-1", {.descriptors_given = false}},
    {"all",
     "-o|xattr|--modcaps|x|--rlimit-nofile|7|--inode-file-handles=mandatory",
     {true, true, true, 7, true}},
};

START_TEST(test_needs)
{
    char text[256];
    char *rest = NULL;
    char *argv[16] = {(char *)"virtiofsd"};
    int argc = 1;
    const Needs *wanted = &rows[_i].needs;
    Needs found;

    fixture_copy(text, sizeof(text), rows[_i].line);
    for (char *part = strtok_r(text, "|", &rest); part; part = strtok_r(NULL, "|", &rest))
        argv[argc++] = part;
    found = needs_read(argv);
    ck_assert_msg(found.xattr == wanted->xattr, "%s: xattr", rows[_i].name);
    ck_assert_msg(found.file_handles == wanted->file_handles, "%s: handles", rows[_i].name);
    ck_assert_msg(found.capabilities == wanted->capabilities, "%s: capabilities", rows[_i].name);
    ck_assert_msg(found.descriptors_given == wanted->descriptors_given, "%s: rlimit",
                  rows[_i].name);
    if (wanted->descriptors_given)
        ck_assert_uint_eq(found.descriptors, wanted->descriptors);
}
END_TEST

int
main(void)
{
    TCase *tc = tcase_create("needs");

    tcase_add_loop_test(tc, test_needs, 0, ROWS(rows));
    return fixture_run("launcher-needs", tc);
}
