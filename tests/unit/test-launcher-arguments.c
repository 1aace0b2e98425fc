/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/arguments.h"

#include "launcher-fixture.h"

#define MAX_ARGUMENTS 40

/*
 * Command lines are written as libvirt builds them, with "|" between arguments. @built is what a
 * confined virtiofsd gets for the resolved directory "/r".
 */
static const struct {
    const char *name;
    const char *line;
    const char *share;
    const char *sandbox;
    const char *built; /* NULL: refused */
    int fd;
    bool readonly;
    bool idmap;
} rows[] = {
    {"libvirt 9, all of it",
     "-o|source=/srv/a,cache=always,sandbox=namespace,xattr,flock,no_posix_lock|"
     "--thread-pool-size=16|-d",
     "/srv/a", "namespace",
     "V|-o|cache=always,xattr,flock,no_posix_lock|--thread-pool-size=16|-d|"
     "-o|source=/r,sandbox=chroot",
     -1, false, false},
    {"libvirt 9, the least", "--fd=29|-o|source=/srv/a", "/srv/a", NULL,
     "V|--fd=29|-o|source=/r,sandbox=chroot", 29, false, false},
    {"libvirt 9, doubled commas", "--fd=3|-o|source=/srv/a,,b,,,,c,cache=none", "/srv/a,b,,c", NULL,
     "V|--fd=3|-o|cache=none|-o|source=/r,sandbox=chroot", 3, false, false},
    {"a doubled comma at the end", "--fd=3|-o|source=/srv/a,,,xattr", "/srv/a,", NULL,
     "V|--fd=3|-o|xattr|-o|source=/r,sandbox=chroot", 3, false, false},
    {"an option in the directory's name", "--fd=3|-o|source=/a,,sandbox=none,xattr",
     "/a,sandbox=none", NULL, "V|--fd=3|-o|xattr|-o|source=/r,sandbox=chroot", 3, false, false},
    {"-o in one argument", "--fd=3|-osource=/a,xattr", "/a", NULL,
     "V|--fd=3|-o|xattr|-o|source=/r,sandbox=chroot", 3, false, false},
    {"libvirt 11, the least", "--fd=29|--shared-dir|/srv/a", "/srv/a", NULL,
     "V|--fd=29|--shared-dir|/r|--sandbox|chroot|--inode-file-handles=never", 29, false, false},
    {"libvirt 11, all of it",
     "--fd=29|--shared-dir|/srv/a|--cache|never|--sandbox|namespace|--xattr|--thread-pool-size=4|"
     "--rlimit-nofile=122880|--log-level|debug|--readonly",
     "/srv/a", "namespace",
     "V|--fd=29|--cache|never|--xattr|--thread-pool-size=4|--rlimit-nofile=122880|--log-level|"
     "debug|"
     "--readonly|--shared-dir|/r|--sandbox|chroot|--inode-file-handles=never",
     29, true, false},
    {"libvirt 11, id maps",
     "--fd=29|--shared-dir|/a|--uid-map=:0:1000:1:|--uid-map=:1:100000:65536:|--gid-map=:0:1000:1:",
     "/a", NULL,
     "V|--fd=29|--uid-map=:0:1000:1:|--uid-map=:1:100000:65536:|--gid-map=:0:1000:1:|--shared-dir|/"
     "r|"
     "--sandbox|chroot|--inode-file-handles=never",
     29, false, true},
    {"with =", "--fd=4|--shared-dir=/a,b|--sandbox=none", "/a,b", "none",
     "V|--fd=4|--shared-dir|/r|--sandbox|chroot|--inode-file-handles=never", 4, false, false},
    {"descriptor apart", "--fd|4|--shared-dir=/a", "/a", NULL,
     "V|--fd|4|--shared-dir|/r|--sandbox|chroot|--inode-file-handles=never", 4, false, false},
    {"file handles asked for", "--fd=4|--shared-dir=/a|--inode-file-handles=prefer", "/a", NULL,
     "V|--fd=4|--inode-file-handles=prefer|--shared-dir|/r|--sandbox|chroot", 4, false, false},
    {"a value that looks like an option", "--fd=4|--tag|--sandbox|--shared-dir|--fd=5", "--fd=5",
     NULL, "V|--fd=4|--tag|--sandbox|--shared-dir|/r|--sandbox|chroot|--inode-file-handles=never",
     4, false, false},
    {"options of a later virtiofsd", "--fd=4|--shared-dir|/a|--new|--newer=x|-q|value", "/a", NULL,
     "V|--fd=4|--new|--newer=x|-q|value|--shared-dir|/"
     "r|--sandbox|chroot|--inode-file-handles=never",
     4, false, false},
    {"a longer name", "--fd=4|--shared-dir|/a|--sandbox-x|none|--shared-directory=/b", "/a", NULL,
     "V|--fd=4|--sandbox-x|none|--shared-directory=/b|--shared-dir|/r|--sandbox|chroot|"
     "--inode-file-handles=never",
     4, false, false},
    {"nothing", "", NULL, NULL, "V|--shared-dir|/r|--sandbox|chroot|--inode-file-handles=never", -1,
     false, false},
    {"an empty name", "--fd=4|--shared-dir=", "", NULL,
     "V|--fd=4|--shared-dir|/r|--sandbox|chroot|--inode-file-handles=never", 4, false, false},
    {"the end of options", "--fd=4|--shared-dir|/a|--", NULL, NULL, NULL, 0, false, false},
    {"two sockets", "--socket=/a|--socket-path=/b|--shared-dir|/a", NULL, NULL, NULL, 0, false,
     false},
    {"two directories", "--fd=4|--shared-dir|/a|--shared-dir|/b", NULL, NULL, NULL, 0, false,
     false},
    {"two spellings", "--fd=4|--shared-dir|/a|-o|source=/b", NULL, NULL, NULL, 0, false, false},
    {"two sources", "--fd=4|-o|source=/a,source=/b", NULL, NULL, NULL, 0, false, false},
    {"two sandboxes", "--fd=4|--sandbox=chroot|--sandbox=none", NULL, NULL, NULL, 0, false, false},
    {"two descriptors", "--fd=4|--fd=5", NULL, NULL, NULL, 0, false, false},
    {"no descriptor", "--fd=", NULL, NULL, NULL, 0, false, false},
    {"descriptor missing", "--shared-dir=/a|--fd", NULL, NULL, NULL, 0, false, false},
    {"a negative descriptor", "--fd=-1", NULL, NULL, NULL, 0, false, false},
    {"a signed descriptor", "--fd=+4", NULL, NULL, NULL, 0, false, false},
    {"a blank descriptor", "--fd= 4", NULL, NULL, NULL, 0, false, false},
    {"more than a descriptor", "--fd=4x", NULL, NULL, NULL, 0, false, false},
    {"a large descriptor", "--fd=99999999999999999999", NULL, NULL, NULL, 0, false, false},
    {"directory missing", "--fd=4|--shared-dir", NULL, NULL, NULL, 0, false, false},
    {"-o with =", "--fd=4|-o=source=/a,xattr", "/a", NULL,
     "V|--fd=4|-o|xattr|-o|source=/r,sandbox=chroot", 4, false, false},
    {"parts that are longer names", "--fd=4|-o|sources=/b,sandboxed,source=/a", "/a", NULL,
     "V|--fd=4|-o|sources=/b,sandboxed|-o|source=/r,sandbox=chroot", 4, false, false},
    {"parts without a value", "--fd=4|-o|source,sandbox,source=/a", "/a", NULL,
     "V|--fd=4|-o|source,sandbox|-o|source=/r,sandbox=chroot", 4, false, false},
    /* what both daemons read as two parts, and the C one as another name */
    {"a doubled comma in a part", "--fd=4|-o|xattr,,source=/b,source=/a", NULL, NULL, NULL, 0,
     false, false},
    {"a doubled comma in a value", "--fd=4|-o|source=/a|-o|cache=none,,source=/b", NULL, NULL, NULL,
     0, false, false},
    {"a backslash in a part", "--fd=4|-o|source=/a,so\\urce=/b", NULL, NULL, NULL, 0, false, false},
    {"an octal digit in a part", "--fd=4|-o|source=/a|-o|\\163ource=/b", NULL, NULL, NULL, 0, false,
     false},
    {"a backslash before a comma", "--fd=4|-o|source=/a,cache=none\\,xattr", NULL, NULL, NULL, 0,
     false, false},
    {"a backslash in the directory's name", "--fd=4|-o|source=/a\\b,xattr", "/a\\b", NULL,
     "V|--fd=4|-o|xattr|-o|source=/r,sandbox=chroot", 4, false, false},
    /* "-f" and "-o" to the Rust daemon, in one word */
    {"short options in one word", "--fd=4|--shared-dir|/a|-fo|source=/b", NULL, NULL, NULL, 0,
     false, false},
    {"the same with a value", "--fd=4|--shared-dir|/a|-dosource=/b", NULL, NULL, NULL, 0, false,
     false},
    {"-o missing", "--fd=4|-o", NULL, NULL, NULL, 0, false, false},
};

/* Splits @line at "|" in place after "V"; "" is no argument at all. */
static int
split(char *line, char *argv[])
{
    int argc = 0;

    argv[argc++] = (char *)"V";
    for (char *at = *line ? line : NULL; at;) {
        argv[argc++] = at;
        at = strchr(at, '|');
        if (at)
            *at++ = '\0';
        ck_assert_int_lt(argc, MAX_ARGUMENTS);
    }
    argv[argc] = NULL;
    return argc;
}

static void
join(char *const argv[], char *line)
{
    *line = '\0';
    for (int i = 0; argv[i]; i++)
        sprintf(line + strlen(line), "%s%s", i ? "|" : "", argv[i]);
}

static bool
same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

START_TEST(test_lines)
{
    const char *name = rows[_i].name;
    char line[1024];
    char again[2048];
    char *argv[MAX_ARGUMENTS + 1];
    AUTO_ARGUMENTS Arguments arguments = ARGUMENTS_INIT;
    Failure failure = {.text = ""};
    char **built __attribute__((cleanup(arguments_free_built))) = NULL;
    int argc;

    fixture_copy(line, sizeof(line), rows[_i].line);
    argc = split(line, argv);
    ck_assert_msg(!arguments_is_query(argc, argv), "%s", name);
    if (!rows[_i].built) {
        ck_assert_msg(!arguments_parse(argc, argv, &arguments, &failure), "%s", name);
        ck_assert_msg(failure.text[0], "%s", name);
        return;
    }
    ck_assert_msg(arguments_parse(argc, argv, &arguments, &failure), "%s: %s", name, failure.text);
    ck_assert_msg(same(arguments.share, rows[_i].share), "%s: %s", name, arguments.share);
    ck_assert_msg(same(arguments.sandbox, rows[_i].sandbox), "%s: %s", name, arguments.sandbox);
    ck_assert_msg(arguments.fd == rows[_i].fd, "%s", name);
    ck_assert_msg(arguments.readonly == rows[_i].readonly, "%s", name);
    ck_assert_msg(arguments.idmap == rows[_i].idmap, "%s", name);
    built = arguments_build(&arguments, "V", "/r", NULL);
    join(built, again);
    ck_assert_msg(strcmp(again, rows[_i].built) == 0, "%s:\n%s\n%s", name, again, rows[_i].built);
}
END_TEST

/* What QEMU's virtiofsd 7.2 was seen to open the second directory for. */
static const struct {
    const char *share;
    const char *value;
} compat_shares[] = {
    {"/a", "source=/a,sandbox=chroot"},
    {"/a,b", "source=/a\\,b,sandbox=chroot"},
    {"/a,,b", "source=/a\\,\\,b,sandbox=chroot"},
    {"/,", "source=/\\,,sandbox=chroot"},
    {"/a,sandbox=none", "source=/a\\,sandbox=none,sandbox=chroot"},
    {"/a=b\\,c\\061", "source=/a=b\\\\\\,c\\\\061,sandbox=chroot"},
};

START_TEST(test_compat_shares)
{
    char *argv[] = {(char *)"V", (char *)"-o", (char *)"source=/x", NULL};
    AUTO_ARGUMENTS Arguments arguments = ARGUMENTS_INIT;
    Failure failure;
    char **built __attribute__((cleanup(arguments_free_built))) = NULL;

    ck_assert(arguments_parse(3, argv, &arguments, &failure));
    built = arguments_build(&arguments, "V", compat_shares[_i].share, NULL);
    ck_assert_str_eq(built[1], "-o");
    ck_assert_str_eq(built[2], compat_shares[_i].value);
    ck_assert_ptr_null(built[3]);
}
END_TEST

static const struct {
    const char *line;
    bool query;
} queries[] = {
    {"--print-capabilities", true},
    {"--fd=4|--|--help", false},
    {"--version", true},
    {"--help", true},
    {"-V", true},
    {"-h", true},
    {"--fd=3|--shared-dir|/a|--print-capabilities", true},
    {"--shared-dir|--print-capabilities|--fd=3", false},
    {"--shared-dir|-V|--fd=3", false},
    {"-o|--help", false},
    {"--print-capabilities-x", false},
    {"-Vx", false},
    {"", false},
    {"--fd", false},
};

START_TEST(test_queries)
{
    char line[256];
    char *argv[MAX_ARGUMENTS + 1];

    fixture_copy(line, sizeof(line), queries[_i].line);
    ck_assert_msg(arguments_is_query(split(line, argv), argv) == queries[_i].query, "%s",
                  queries[_i].line);
}
END_TEST

START_TEST(test_extra_is_last)
{
    char line[] = "--fd=3|--shared-dir|/a";
    char *argv[MAX_ARGUMENTS + 1];
    char *extra[] = {(char *)"--posix-acl", (char *)"--inode-file-handles=prefer", NULL};
    char again[1024];
    AUTO_ARGUMENTS Arguments arguments = ARGUMENTS_INIT;
    Failure failure;
    char **built __attribute__((cleanup(arguments_free_built))) = NULL;

    ck_assert(arguments_parse(split(line, argv), argv, &arguments, &failure));
    built = arguments_build(&arguments, "V", "/r", extra);
    join(built, again);
    ck_assert_str_eq(again, "V|--fd=3|--shared-dir|/r|--sandbox|chroot|--posix-acl|"
                            "--inode-file-handles=prefer");
}
END_TEST

int
main(void)
{
    TCase *tc = tcase_create("arguments");

    tcase_add_loop_test(tc, test_lines, 0, ROWS(rows));
    tcase_add_loop_test(tc, test_compat_shares, 0, ROWS(compat_shares));
    tcase_add_loop_test(tc, test_queries, 0, ROWS(queries));
    tcase_add_test(tc, test_extra_is_last);
    return fixture_run("launcher-arguments", tc);
}
