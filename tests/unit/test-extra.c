/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "virtiofsd/extra.h"

#include "launcher-fixture.h"

#define MAX_OPTIONS 16

/* Lists of options, with "|" between them. @why: what the refusal says; NULL where they are right. */
static const struct {
    const char *list;
    const char *why;
} rows[] = {
    {"", NULL},
    {"--modcaps=+sys_admin", NULL},
    {"--xattr|--posix-acl|--announce-submounts", NULL},
    {"--posix-acl=auto|--security-label=never|--security-label", NULL},
    {"--inode-file-handles=mandatory", NULL},
    {"--readonly", NULL},
    {"--cache|never|--log-level|debug", NULL},
    {"--cache=never", NULL},
    {"--xattrmap|:map::user.virtiofs.:", NULL},
    {"--xattrmap=:map::user.virtiofs.:", NULL},
    {"--translate-uid=map:0:100000:65536|--translate-gid=map:0:1:1", NULL},
    {"--tag=--sandbox", NULL},
    {"-o|xattrmap=:map::user.virtiofs.:", NULL},
    {"-o|posix_acl,no_flock", NULL},
    {"-oxattr|-d|-f", NULL},
    {"-o=xattr", NULL},
    {"-o|modcaps=+sys_admin:-mknod", NULL},

    {"posix-acl", "'posix-acl' is not an option of virtiofsd; they begin with '-'"},
    {"--readonly|yes", "'yes' is not an option"},
    {"--posix-acl|auto", "'auto' is not an option"},
    {"-", "no option '-'"},
    {"--", "no option '--'"},
    {"--unknown", "no option '--unknown'"},
    {"-q", "no option '-q'"},
    {"--posix_acl", "no option '--posix_acl'"},
    {"--Readonly", "no option '--Readonly'"},
    {" --readonly", "is not an option"},
    {"--readonly ", "no option '--readonly '"},
    {"--cache never", "no option '--cache never'"},
    /* abbreviations, which getopt_long would take, and clusters, which clap does */
    {"--sand=none", "no option"},
    {"--socket-p=/x", "no option"},
    {"--daemon", "no option"},
    {"--shared-directory=/etc", "no option"},
    {"-fosandbox=none", "no option"},
    {"-df", "no option"},
    {"-Vx", "no option"},

    {"--sandbox=none", "'--sandbox=none' cannot be set"},
    {"--sandbox|chroot", "cannot be set"},
    {"--sandbox", "cannot be set"},
    {"--shared-dir=/etc", "cannot be set"},
    {"--shared-dir|/etc", "cannot be set"},
    {"--fd=5", "cannot be set"},
    {"--socket=/x", "cannot be set"},
    {"--socket-path=/x", "cannot be set"},
    {"--socket-group=kvm", "cannot be set"},
    {"--uid-map=:0:1:1:", "cannot be set"},
    {"--gid-map|:0:1:1:", "cannot be set"},
    {"--daemonize", "cannot be set"},
    {"--print-capabilities", "cannot be set"},
    {"--version", "cannot be set"},
    {"--help", "cannot be set"},
    {"-V", "cannot be set"},
    {"-h", "cannot be set"},
    {"--syslog", "does not work under a profile"},

    {"-o|source=/etc", "'source=/etc' cannot be set"},
    {"-osource=/etc", "cannot be set"},
    {"-o=source=/etc", "cannot be set"},
    {"-o|sandbox=none", "'sandbox=none' cannot be set"},
    {"-osandbox=none", "cannot be set"},
    {"-oposix_acl,sandbox=namespace", "cannot be set"},
    {"-o|xattr,source", "cannot be set"},
    /* a part for both daemons, a doubled comma in a name for libvirt alone */
    {"-o|xattrmap=x,,sandbox=none", "is empty"},
    {"-o|xattrmap=x\\,sandbox=none", "backslash"},
    {"-o|sand\\box=none", "backslash"},
    /* the C daemon reads arguments of its own in there */
    {"-o|--fd=3", "option -o has no value"},
    {"-o--fd=3", "no option '-o --fd=3'"},
    {"-oxattr,--daemonize", "no option '-o --daemonize'"},
    {"-oxattr,-d", "no option '-o -d'"},
    {"-o|--modcaps=+x", "option -o has no value"},
    {"-o|sandboxed", "no option '-o sandboxed'"},
    {"-o|xattr, no_flock", "no option '-o  no_flock'"},
    {"-o|xattr,", "is empty"},
    {"-o|,xattr", "is empty"},
    {"-o|xattr=on", "'-o xattr=on' takes no value"},
    {"-o|cache", "'-o cache' has no value"},
    {"-o|cache=", "'-o cache=' has no value"},
    {"-o|readonly", "no option '-o readonly'"},
    {"-o", "option -o has no value"},
    {"-o|", "option -o has no value"},
    {"-o=", "option -o has no value"},

    {"--modcaps", "option --modcaps has no value"},
    {"--modcaps=", "option --modcaps has no value"},
    {"--modcaps|-mknod", "one that begins with '-' is written --modcaps=VALUE"},
    {"--tag|--sandbox", "option --tag has no value"},
    {"--cache", "option --cache has no value"},
    {"--readonly=yes", "option --readonly takes no value"},
    {"--inode-file-handles", "option --inode-file-handles has no value"},
    {"--inode-file-handles|never", "option --inode-file-handles has no value"},
};

/* Splits @line at "|" in place; "" is no option at all. */
static void
split(char *line, char *list[])
{
    int n = 0;

    for (char *at = *line ? line : NULL; at;) {
        ck_assert_int_lt(n, MAX_OPTIONS - 1);
        list[n++] = at;
        at = strchr(at, '|');
        if (at)
            *at++ = '\0';
    }
    list[n] = NULL;
}

START_TEST(test_check)
{
    char line[256];
    char *list[MAX_OPTIONS];
    Failure failure = {.text = ""};
    bool good;

    fixture_copy(line, sizeof(line), rows[_i].list);
    split(line, list);
    good = extra_check(list, &failure);
    ck_assert_msg(good == !rows[_i].why, "%s: %s", rows[_i].list, failure.text);
    if (rows[_i].why)
        ck_assert_msg(strstr(failure.text, rows[_i].why) && failure.todo, "%s: %s", rows[_i].list,
                      failure.text);
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
    char *list[MAX_OPTIONS];

    fixture_copy(line, sizeof(line), had[_i].list);
    split(line, list);
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

    tcase_add_loop_test(tc, test_check, 0, ROWS(rows));
    tcase_add_loop_test(tc, test_have, 0, ROWS(had));
    tcase_add_test(tc, test_nothing);
    return fixture_run("extra", tc);
}
