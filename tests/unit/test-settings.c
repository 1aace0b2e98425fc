/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "settings/settings.h"

#include <check.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

static const char text[] = "# comment\n"
                           "[shares]\n"
                           "allow-write = /etc/exports.d; /usr/share/games/**;/opt/*/etc\n"
                           "\n"
                           "[virtiofsd]\n"
                           "binary = /opt/virtiofsd\n"
                           "options = --announce-submounts; --inode-file-handles=never\n"
                           "allow-unconfined = /opt/free\n"
                           "[vm web-*]\n"
                           "options = --posix-acl\n"
                           "[vm web-1]\n"
                           "binary = /opt/other\n";

static Settings *
parse(const char *conf)
{
    return settings_parse(conf, strlen(conf), "f", NULL);
}

static const struct {
    const char *dir;
    gboolean allowed;
} dirs[] = {
    {"/etc/exports.d", TRUE},   {"/etc/exports.d/x", FALSE},    {"/etc", FALSE},
    {"/usr/share/games", TRUE}, {"/usr/share/games/a/b", TRUE}, {"/usr/share/gamesx", FALSE},
    {"/opt/a/etc", TRUE},       {"/opt/a/b/etc", FALSE},        {"/", FALSE},
};

START_TEST(test_allow_write)
{
    g_autoptr(Settings) settings = parse(text);

    ck_assert_msg(settings_allows_write(settings, dirs[_i].dir) == dirs[_i].allowed, "%s",
                  dirs[_i].dir);
}
END_TEST

START_TEST(test_virtiofsd)
{
    g_autoptr(Settings) settings = parse(text);
    g_autoptr(GPtrArray) plain = settings_options(settings, "db");
    g_autoptr(GPtrArray) web = settings_options(settings, "web-1");
    g_autoptr(GPtrArray) binaries = settings_binaries(settings);

    ck_assert_int_eq(binaries->len, 2);
    ck_assert_str_eq(g_ptr_array_index(binaries, 0), "/opt/virtiofsd");
    ck_assert_str_eq(g_ptr_array_index(binaries, 1), "/opt/other");
    ck_assert_str_eq(settings_binary(settings, "db"), "/opt/virtiofsd");
    ck_assert_str_eq(settings_binary(settings, "web-1"), "/opt/other");
    ck_assert_int_eq(plain->len, 2);
    ck_assert_int_eq(web->len, 3);
    ck_assert_str_eq(g_ptr_array_index(web, 1), "--inode-file-handles=never");
    ck_assert_str_eq(g_ptr_array_index(web, 2), "--posix-acl");
    ck_assert(settings_allows_unconfined(settings, "/opt/free"));
    ck_assert(!settings_allows_unconfined(settings, "/opt/freedom"));
}
END_TEST

START_TEST(test_nothing)
{
    g_autoptr(Settings) settings = settings_new();
    g_autoptr(Settings) empty = parse("");
    g_autoptr(GPtrArray) options = settings_options(settings, "a");

    ck_assert_ptr_nonnull(empty);
    ck_assert(!settings_allows_write(settings, "/etc"));
    ck_assert_ptr_null(settings_binary(settings, "a"));
    ck_assert_int_eq(options->len, 0);
}
END_TEST

START_TEST(test_option_of_two_arguments)
{
    g_autoptr(Settings) settings = parse("[virtiofsd]\noptions = -o  xattr; -oflock\n");
    g_autoptr(GPtrArray) options = settings_options(settings, "a");

    ck_assert_int_eq(options->len, 3);
    ck_assert_str_eq(g_ptr_array_index(options, 0), "-o");
    ck_assert_str_eq(g_ptr_array_index(options, 1), "xattr");
    ck_assert_str_eq(g_ptr_array_index(options, 2), "-oflock");
}
END_TEST

/* Options of all VMs, options of one, and what becomes of both. */
static const struct {
    const char *all;
    const char *one;
    const char *both;
} merged[] = {
    {"--modcaps=-mknod", "--xattr", "--modcaps=-mknod|--xattr"},
    {"--modcaps -mknod:+bpf", "--modcaps=+mknod", NULL},
    {"--modcaps=-mknod:+bpf", "--modcaps=+mknod", "--modcaps=-mknod:+bpf:+mknod"},
    {"--modcaps=-mknod; --xattr", "--cache never; --modcaps +bpf",
     "--xattr|--cache|never|--modcaps=-mknod:+bpf"},
    {"-o xattr,modcaps=-mknod,flock", "--modcaps=+bpf; -omodcaps=+kill",
     "-o|xattr,flock|-o|modcaps=-mknod:+bpf:+kill"},
    {"-o  xattr", "-oflock", "-o|xattr|-oflock"},
    {"--tag=--modcaps=+bpf; --modcaps=-mknod", "--xattr",
     "--tag=--modcaps=+bpf|--modcaps=-mknod|--xattr"},
};

START_TEST(test_options_of_groups)
{
    g_autofree char *conf = g_strdup_printf("[virtiofsd]\noptions = %s\n[vm a]\noptions = %s\n",
                                            merged[_i].all, merged[_i].one);
    g_autoptr(Settings) settings = parse(conf);
    g_autoptr(GPtrArray) options = settings ? settings_options(settings, "a") : NULL;
    g_autofree char *both = options ? g_strjoinv("|", (char **)options->pdata) : NULL;

    ck_assert_msg(g_strcmp0(both, merged[_i].both) == 0, "%s; %s: %s", merged[_i].all,
                  merged[_i].one, both);
}
END_TEST

/* What a pattern matches: a resolved path, and no other. */
static const struct {
    const char *entry;
    const char *path;
    gboolean allowed;
} matches[] = {
    {"/etc/exports.d", "/etc/exports.d", TRUE},
    {"/etc/exports.d", "/etc/exports.d/", TRUE},
    {"/opt/v/**", "/opt/v/1/bin/virtiofsd", TRUE},
    {"/opt/v/**", "/opt/v", TRUE},
    {"/opt/v/**", "/opt/v/.hidden/x", TRUE},
    {"/opt/v/**", "/opt/vv", FALSE},
    {"/opt/v/**", "/opt/v/../../tmp/evil", FALSE},
    {"/opt/v/**", "/opt/v/..", FALSE},
    {"/opt/v/**", "/opt/v/./x", FALSE},
    {"/opt/v/**", "/opt/v/.", FALSE},
    {"/opt/v/**", "/opt/v//x", FALSE},
    {"/opt/v/**", "/opt/v//", FALSE},
    {"/opt/v/**", "/opt/v/...", TRUE},
    {"/opt/v/*", "/opt/v/x", TRUE},
    {"/opt/v/*", "/opt/v/x/y", FALSE},
    {"/opt/v/*", "/opt/v/.x", FALSE},
    {"/opt/v/*", "/opt/v/..", FALSE},
    {"/**", "/anything/at/all", TRUE},
    {"/**", "/", TRUE},
    {"/**", "etc", FALSE},
    {"/**", "", FALSE},
    {"/", "/", TRUE},
    {"/", "/etc", FALSE},
    {"/srv/[ab]?", "/srv/a1", TRUE},
    {"/srv/[[:digit:]]", "/srv/7", TRUE},
    {"/srv/[[:digit:]]", "/srv/a", FALSE},
    {"/srv/[]]", "/srv/]", TRUE},
    {"/srv/\\[a", "/srv/[a", TRUE},
    {"/srv/a\\*", "/srv/ab", FALSE},
    {"/srv/a\\;b", "/srv/a;b", TRUE},
    {"/srv/a; /srv/b", "/srv/b", TRUE},
    {"/srv/a;/srv/b;", "/srv/b", TRUE},
    {"/srv/a\\ b", "/srv/a b", TRUE},
    {"/srv/a[ ]b", "/srv/a b", TRUE},
    {"/srv/a[ ]", "/srv/a ", TRUE},
    {"/srv/a:b", "/srv/a:b", TRUE},
    {"/srv/a\\:/b", "/srv/a:/b", TRUE},
    {"/srv/a\\{b\\}", "/srv/a{b}", TRUE},
    {"/srv/[{]", "/srv/{", TRUE},
    {"/srv/a\\#b", "/srv/a#b", TRUE},
    {"/srv/[!a]", "/srv/b", TRUE},
    {"/srv/[a-c]", "/srv/b", TRUE},
    {"/srv/[a-c]", "/srv/B", FALSE},
    {"/srv/[a-]", "/srv/-", TRUE},
    {"/srv/[]-a]", "/srv/^", TRUE},
    {"/srv/[a\\-z]", "/srv/b", FALSE},
    {"/srv/[a\\]b]", "/srv/]", TRUE},
    {"/srv/[[:alpha:]-]", "/srv/-", TRUE},
    /* bytes, of which \303\274 has two */
    {"/srv/?", "/srv/\303\274", FALSE},
    {"/srv/??", "/srv/\303\274", TRUE},
    {"/srv/\303\274", "/srv/\303\274", TRUE},
    {"/srv/*", "/srv/\377", TRUE},
    {"/srv/a,b", "/srv/a,b", TRUE},
    {"/srv/a#b", "/srv/a#b", TRUE},
    {"/srv/a\\,/b", "/srv/a,/b", TRUE},
};

START_TEST(test_matches)
{
    g_autofree char *conf =
        g_strdup_printf("[shares]\nallow-write = %s\n[virtiofsd]\nallow-unconfined = %s\n",
                        matches[_i].entry, matches[_i].entry);
    g_autoptr(GError) error = NULL;
    g_autoptr(Settings) settings = settings_parse(conf, strlen(conf), "f", &error);

    ck_assert_msg(settings != NULL, "%s: %s", matches[_i].entry, error ? error->message : "");
    ck_assert_msg(settings_allows_write(settings, matches[_i].path) == matches[_i].allowed,
                  "%s: %s", matches[_i].entry, matches[_i].path);
    ck_assert_msg(settings_allows_unconfined(settings, matches[_i].path) == matches[_i].allowed,
                  "%s: %s", matches[_i].entry, matches[_i].path);
}
END_TEST

/* Whoever writes what a message told them to has allowed that path, and not the other. */
static const struct {
    const char *path;
    const char *other; /* (nullable) */
} told[] = {
    {"/etc", "/etcx"},
    {"/", "/etc"},
    {"/etc/[a", "/etc/a"},
    {"/etc/*", "/etc/a"},
    {"/etc/a?", "/etc/ab"},
    {"/etc/a\\b", "/etc/ab"},
    {"/etc/a;b", "/etc/a"},
    {"/etc/a\\", NULL},
    {"/etc/a\\;b", NULL},
    {"/etc/ # a", "/etc/"},
    {"/etc/a, /usr", "/usr"},
    {"/etc /b", "/etc"},
    {"/etc/ a", "/etc/a"},
    {"/etc/a ", "/etc/a"},
    {"/etc/a,", "/etc/a"},
    {"/etc/a\nb", "/etc/a"},
    {"/etc/**", "/etc/a"},
    {"/etc/**/a", "/etc/b/a"},
    {"/etc/b\xc3\xbc", "/etc/b"},
    {"/etc/{a,b}", "/etc/a"},
    {"/etc/a:/b", "/etc/a"},
    {"/etc/a:", "/etc/a"},
    {"/etc/a:b", "/etc/a"},
    {"/etc/a  ", "/etc/a x"},
    {"/etc/a\t", "/etc/ax"},
    {"/etc/a\nb", "/etc/a b"},
    {"/etc/\177", "/etc/x"},
    {"/etc/\377", "/etc/x"},
    {"/etc/\303", "/etc/x"},
    {"/etc/a\xc2\xa0", "/etc/a"},
    {"/etc/\xe3\x80\x80/a", "/etc/a"},
    {"/etc/\xe2\x80\xa8"
     "a",
     "/etc/a"},
    {"/etc/\xef\xbb\xbf", "/etc/a"},
    {"/etc/\\t", "/etc/t"},
    {"/etc/\"a\"", "/etc/a"},
    {"/etc/a/", "/etc/a/b"},
    {"/etc/a /", "/etc/a"},
    {"/etc/=[]", "/etc/="},
    {"/etc/.a", "/etc/a"},
};

/* What is in the quotation marks of the advice, or NULL. */
static char *
line_of(const char *advice)
{
    const char *start = strchr(advice, '"');
    const char *end = strrchr(advice, '"');

    return start && end > start ? g_strndup(start + 1, (gsize)(end - start - 1)) : NULL;
}

START_TEST(test_what_messages_tell)
{
    g_autoptr(Settings) none = settings_new();
    g_autofree char *advice = settings_advice(none, told[_i].path, SETTINGS_ALLOW_WRITE, "f");
    g_autofree char *line = line_of(advice);
    g_autofree char *conf = g_strdup_printf("[shares]\n%s\n", line);
    g_autoptr(GError) error = NULL;
    g_autoptr(Settings) settings = settings_parse(conf, strlen(conf), "f", &error);

    ck_assert_msg(settings != NULL, "%s: %s", told[_i].path, error ? error->message : "");
    ck_assert_msg(settings_allows_write(settings, told[_i].path), "%s: %s", told[_i].path, line);
    ck_assert_msg(!told[_i].other || !settings_allows_write(settings, told[_i].other), "%s: %s",
                  told[_i].other, line);
}
END_TEST

/* Each list by its own name, and in its own group. */
START_TEST(test_lists_that_are_told)
{
    g_autoptr(Settings) none = settings_new();
    g_autofree char *reads = settings_advice(none, "/etc", SETTINGS_ALLOW_READ, "f");
    g_autofree char *runs = settings_advice(none, "/opt/v", SETTINGS_ALLOW_UNCONFINED, "f");

    ck_assert_str_eq(reads, "allow it with \"allow-read = /etc\" in [shares] of f");
    ck_assert_str_eq(runs, "allow it with \"allow-unconfined = /opt/v\" in [virtiofsd] of f");
}
END_TEST

/* Whoever may have written the line already is not told to. */
START_TEST(test_nothing_is_told_of_a_file_that_is_wrong)
{
    g_autoptr(Settings) settings = settings_new_unusable();
    g_autofree char *advice = settings_advice(settings, "/etc", SETTINGS_ALLOW_WRITE, "f");

    ck_assert_str_eq(advice, "correct f, which may allow it");
    ck_assert(!settings_allows_write(settings, "/etc"));
}
END_TEST

/* What is there as it is written matches nothing, and nothing is told that would not help. */
static const char *const nameless[] = {"", "etc", "/etc/../a", "/etc/./a", "/etc//a", "/.."};

START_TEST(test_what_no_pattern_names)
{
    g_autoptr(Settings) none = settings_new();
    g_autofree char *advice = settings_advice(none, nameless[_i], SETTINGS_ALLOW_WRITE, "f");
    g_autofree char *line = line_of(advice);

    ck_assert_msg(line == NULL, "%s: %s", nameless[_i], advice);
}
END_TEST

/* The same in every locale: libvirtd runs the helper in that of C, a person in another. */
START_TEST(test_locale)
{
    g_autoptr(Settings) settings = parse("[shares]\nallow-write = /srv/?; /opt/[a-c]\n"
                                         "[vm ?]\nbinary = /v\n");

    ck_assert_ptr_nonnull(settings);
    ck_assert_ptr_nonnull(setlocale(LC_ALL, "C.UTF-8"));
    ck_assert(!settings_allows_write(settings, "/srv/\303\274"));
    ck_assert(settings_allows_write(settings, "/srv/\377"));
    ck_assert(!settings_allows_write(settings, "/opt/B"));
    ck_assert_ptr_null(settings_binary(settings, "\303\274"));
    ck_assert_str_eq(setlocale(LC_ALL, NULL), "C.UTF-8");
}
END_TEST

static const struct {
    const char *text;
    const char *binary;
} binaries[] = {
    {"/opt/a\\ b\\*\\;\\\\/v", "/opt/a b*;\\/v"},
    {"/opt/v;", "/opt/v"},
    {"/opt/v\\#1", "/opt/v#1"},
};

START_TEST(test_binary)
{
    g_autofree char *conf = g_strdup_printf("[virtiofsd]\nbinary = %s\n", binaries[_i].text);
    g_autoptr(Settings) settings = parse(conf);

    ck_assert_msg(settings != NULL, "%s", binaries[_i].text);
    ck_assert_str_eq(settings_binary(settings, "a"), binaries[_i].binary);
}
END_TEST

static const struct {
    const char *group;
    const char *name;
} vms[] = {
    {"[vm a b]", "a b"},           {"[vm a\\ ]", "a "},     {"[vm a\\,b]", "a,b"},
    {"[vm a\\;b]", "a;b"},         {"[vm [,;]]", ","},      {"[vm a\"b]", "a\"b"},
    {"[vm *]", "anything, of it"}, {"[vm \\{a\\}]", "{a}"},
};

START_TEST(test_names_of_vms)
{
    g_autofree char *conf = g_strdup_printf("%s\nbinary = /v\n", vms[_i].group);
    g_autoptr(Settings) settings = parse(conf);

    ck_assert_msg(settings != NULL, "%s", vms[_i].group);
    ck_assert_msg(settings_binary(settings, vms[_i].name) != NULL, "%s", vms[_i].group);
}
END_TEST

static const struct {
    const char *name;
    const char *text;
    const char *message;
} errors[] = {
    {"no group", "# c\na = b\n", "f: line 2: 'a = b' is in no group"},
    {"no key", "[shares]\n\nnonsense\n", "f: line 3: [shares]: 'nonsense' is neither"},
    {"no name of a key", "[shares]\n= /a\n", "f: line 2: [shares]: '= /a' is neither"},
    {"a comment of another kind", "[shares]\n; allow-write = /a\n",
     "f: line 2: [shares]: a comment begins with '#', and not like '; allow-write = /a'"},
    {"a comment of C", "[shares]\n// x\n", "a comment begins with '#'"},
    {"another assignment", "[shares]\nallow-write: /a\n", "is neither KEY = VALUE"},
    {"going on", "[shares]\nallow-write = /a; \\\n /b\n", "'\\' is not an absolute path"},
    {"group", "[share]\nallow-write = /a\n", "f: line 1: [share]: there is no such group"},
    {"group with more", "[shares] # mine\n", "f: line 1: '[shares] # mine' is not a group"},
    {"group without end", "[shares]\n[virtiofsd\n", "f: line 2: '[virtiofsd' is not a group"},
    {"group with blanks", "[ shares ]\n", "f: line 1: [ shares ]: there is no such group"},
    {"nameless VM", "[vm ]\n", "f: line 1"},
    {"two blanks before a VM", "[vm  a]\n", "f: line 1: [vm  a]: ' a' has a blank at an end"},
    {"blank behind a VM", "[vm a ]\n", "'a ' has a blank at an end: write [vm NAME]"},
    {"two VMs", "[vm a, b]\n", "f: line 1: [vm a, b]: 'a, b': each VM has a group of its own"},
    {"two VMs with semicolon", "[vm a;b]\n", "a ';' that means itself is written '\\;'"},
    {"quoted VM", "[vm \"a\"]\n", "\"a\" is in quotation marks: write it without"},
    {"VM with a slash", "[vm a/b]\n", "'a/b' has a slash"},
    {"VMs in braces", "[vm {a,b}]\n", "no alternatives in braces: write each out"},
    {"VM with a range", "[vm [z-a]]\n", "'[z-a]': 'z-a' is no range"},
    {"VM with a bracket", "[vm web-[0-9]\n", "f: line 1: [vm web-[0-9]: 'web-[0-9' has a '['"},
    {"group twice", "[shares]\n[virtiofsd]\n[shares]\n",
     "f: line 3: [shares]: it is in line 1 already"},
    {"VM twice", "[vm a]\n[vm b]\n[vm a]\n", "f: line 3: [vm a]: it is in line 1 already"},
    {"key", "# c\n[shares]\nallow-writing = /a\n",
     "f: line 3: [shares] allow-writing: there is no key 'allow-writing' here; there is: "
     "allow-read, allow-write"},
    {"key of another group", "[shares]\nbinary = /a\n", "f: line 2: [shares] binary: there is no"},
    {"keys of VMs", "[vm a]\nallow-write = /a\n", "there is: binary, options"},
    {"key twice", "[shares]\nallow-write = /a\nallow-write = /b\n",
     "f: line 3: [shares] allow-write: it is in line 2 already"},
    {"no value", "[shares]\nallow-write =\n", "f: line 2: [shares] allow-write: there is no value"},
    {"only a semicolon", "[shares]\nallow-write = ;\n", "there is no value"},
    {"an empty entry", "[shares]\nallow-write = /a;;/b\n", "an entry of the list is empty"},
    {"no entry before", "[shares]\nallow-write = ;/b\n", "an entry of the list is empty"},
    {"relative path", "[shares]\nallow-write = etc\n", "'etc' is not an absolute path"},
    {"trailing slash", "[shares]\nallow-write = /etc/\n", "'/etc/' ends in a slash: write DIR"},
    {"two slashes", "[shares]\nallow-write = /etc//a\n", "two slashes in a row"},
    {"a dot", "[shares]\nallow-write = /etc/./a\n", "has a part '.'"},
    {"two dots", "[shares]\nallow-write = /srv/../etc\n", "has a part '..'"},
    {"wrong separator", "[shares]\nallow-write = /etc, /usr\n", "a list is separated by ';'"},
    {"no blank either", "[shares]\nallow-write = /etc,/usr\n", "a list is separated by ';'"},
    {"colon", "[shares]\nallow-write = /etc:/usr\n", "a list is separated by ';'"},
    {"colon at the end", "[shares]\nallow-write = /etc:\n", "a list is separated by ';'"},
    {"more words", "[shares]\nallow-write = /etc rw\n", "a list is separated by ';'"},
    {"tab", "[shares]\nallow-write = /etc\trw\n", "a list is separated by ';'"},
    {"a blank of Unicode", "[shares]\nallow-write = /etc\xc2\xa0\n", "separated by ';'"},
    {"quotation marks", "[shares]\nallow-write = \"/etc\"\n", "\"/etc\" is in quotation marks"},
    {"other marks", "[shares]\nallow-write = '/etc'\n", "'/etc' is in quotation marks"},
    {"an entry twice", "[shares]\nallow-write = /etc; /usr; /etc\n",
     "f: line 2: [shares] allow-write: '/etc' is in the list twice"},
    {"blanks", "[shares]\nallow-write = /etc /usr\n", "a list is separated by ';'"},
    {"a comma at the end", "[shares]\nallow-write = /etc,\n", "a list is separated by ';'"},
    {"comment behind", "[shares]\nallow-write = /etc  # mine\n",
     "f: line 2: [shares] allow-write: '# mine' is not a comment here"},
    {"comment alone", "[shares]\nallow-write = # /etc\n", "'# /etc' is not a comment here"},
    {"open bracket", "[shares]\nallow-write = /etc/[a\n", "'/etc/[a' has a '[' without its ']'"},
    {"bracket over a slash", "[shares]\nallow-write = /etc/[a/b]\n", "without its ']'"},
    {"open brace", "[shares]\nallow-write = /etc/{a\n",
     "f: line 2: [shares] allow-write: '/etc/{a': there are no alternatives in braces"},
    {"braces", "[shares]\nallow-write = /etc/{a,b}\n", "is written '\\{'"},
    {"brace at the end", "[shares]\nallow-write = /etc/a}\n", "is written '\\}'"},
    {"range from the last", "[shares]\nallow-write = /etc/[z-a]\n", "'z-a' is no range"},
    {"range to a class", "[shares]\nallow-write = /etc/[A-[:digit:]]\n", "'A-[' is no range"},
    {"unknown class", "[shares]\nallow-write = /etc/[[:letter:]]\n", "no class '[:letter:]'"},
    {"beginning of a class", "[shares]\nallow-write = /etc/[[:alp:]]\n", "no class '[:alp:]'"},
    {"equivalence class", "[shares]\nallow-write = /etc/[[=a=]]\n", "no class '[=a=]'"},
    {"not ASCII in brackets", "[shares]\nallow-write = /etc/[\303\274]\n", "of ASCII only"},
    {"open class", "[shares]\nallow-write = /etc/[[:alpha:]\n", "without its ']'"},
    {"class without end", "[shares]\nallow-write = /etc/[[:alpha]\n", "without its ']'"},
    {"backslash at the end", "[shares]\nallow-write = /etc\\\n", "nothing after it"},
    {"backslash before a slash", "[shares]\nallow-write = /etc\\/a\n", "nothing after it"},
    {"escaped dots", "[shares]\nallow-write = /etc/\\.\\./a\n", "has a part '\\.\\.'"},
    {"an escaped dot", "[shares]\nallow-write = /etc/.\\.\n", "has a part '.\\.'"},
    {"backslash as in C", "[shares]\nallow-write = /etc/a\\tb\n", "'\\t' stands for nothing"},
    {"octal", "[shares]\nallow-write = /etc/a\\040b\n", "'\\0' stands for nothing"},
    {"stars within", "[shares]\nallow-write = /etc/**/a\n", "two stars"},
    {"stars behind a name", "[shares]\nallow-write = /etc**\n", "two stars"},
    {"three stars", "[shares]\nallow-write = /etc/***\n", "two stars"},
    {"DOS", "[shares]\r\nallow-write = /etc\r\n", "f: line 1: the line ends as in DOS"},
    {"control character", "[shares]\nallow-write = /etc/\x01\n",
     "f: line 2: [shares] allow-write: there is a control character: remove it"},
    {"control character before a group", "a = \x01\n", "f: line 1: there is a control"},
    {"not UTF-8", "[shares]\nallow-write = /etc/\xff\n",
     "f: line 2: [shares] allow-write: '\xff' is no UTF-8, or cannot be seen"},
    {"not UTF-8 in a name", "[vm \xfc]\n", "f: line 1: '\xfc' is no UTF-8"},
    {"turned around",
     "[shares]\nallow-write = /etc/\xe2\x80\xae"
     "a\n",
     "cannot be seen"},
    {"no width", "[shares]\nallow-write = /etc\xe2\x80\x8b\n", "cannot be seen"},
    {"byte order mark", "\xef\xbb\xbf[shares]\n", "f: line 1: the file begins with a byte order"},
    {"UTF-16", "\xff\xfe[", "f: line 1: the file begins with a byte order mark"},
    {"value that is none", "[virtiofsd]\nunrecorded = yes\n",
     "f: line 2: [virtiofsd] unrecorded: 'yes' is neither pass nor refuse"},
    {"value with a capital", "[virtiofsd]\nunrecorded = Refuse\n", "'Refuse' is neither pass nor"},
    {"two values", "[virtiofsd]\nunrecorded = pass; refuse\n", "is neither pass nor refuse"},
    {"two binaries", "[virtiofsd]\nbinary = /a; /b\n", "it takes one value"},
    {"relative binary", "[virtiofsd]\nbinary = virtiofsd\n", "not an absolute path"},
    {"binary of a pattern", "[virtiofsd]\nbinary = /opt/*/v\n",
     "f: line 2: [virtiofsd] binary: '/opt/*/v' is a pattern: write one path"},
    {"binary in brackets", "[virtiofsd]\nbinary = /opt/[v]\n", "is a pattern"},
    {"binary with an option", "[virtiofsd]\nbinary = /opt/v --xattr\n", "a blank"},
    {"binary with a slash", "[virtiofsd]\nbinary = /opt/\n", "'/opt/' is a directory: write a"},
    {"binary twice", "[vm a]\nbinary = /v\nbinary = /v\n", "[vm a] binary: it is in line 2"},
    {"options with commas", "[virtiofsd]\noptions = --cache=never, --xattr\n",
     "f: line 2: [virtiofsd] options: '--cache=never, --xattr' is more than one option"},
    {"options with blanks", "[virtiofsd]\noptions = --xattr --flock\n", "no option '--flock'"},
    {"flags with blanks", "[virtiofsd]\noptions = --xattr --writeback\n", "more than one option"},
    {"an option twice", "[virtiofsd]\noptions = --xattr; --xattr\n", "'--xattr' is in the list"},
    {"binary that leads elsewhere", "[virtiofsd]\nbinary = /opt/../tmp/v\n", "has a part '..'"},
    {"no option", "[virtiofsd]\noptions = posix-acl\n",
     "f: line 2: [virtiofsd] options: 'posix-acl' is not an option"},
    {"unknown option", "[virtiofsd]\noptions = --posix-acls\n", "no option '--posix-acls'"},
    {"reserved", "[vm a]\n\noptions = --sandbox=none\n",
     "f: line 3: [vm a] options: option '--sandbox=none' cannot be set"},
    {"capability", "[virtiofsd]\noptions = --modcaps=+sys_admin:-x\n", "'-x' is not + or -"},
    {"capability apart", "[virtiofsd]\noptions = --modcaps; -mknod\n",
     "is written --modcaps=VALUE"},
    {"capability of -o", "[virtiofsd]\noptions = -o --modcaps=+x\n", "option -o has no value"},
};

START_TEST(test_errors)
{
    g_autoptr(GError) error = NULL;

    ck_assert_msg(settings_parse(errors[_i].text, strlen(errors[_i].text), "f", &error) == NULL,
                  "%s", errors[_i].name);
    ck_assert_msg(strstr(error->message, errors[_i].message) != NULL, "%s: %s", errors[_i].name,
                  error->message);
    ck_assert_msg(g_str_has_prefix(error->message, "f: line ") && error->message[8] != '0',
                  "%s: %s", errors[_i].name, error->message);
}
END_TEST

/* What comes after a NUL is not left out in silence. */
START_TEST(test_nul)
{
    static const char conf[] = "[shares]\nallow-write = /a\0\n[nonsense]\n";
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(settings_parse(conf, sizeof(conf) - 1, "f", &error));
    ck_assert_ptr_nonnull(
        strstr(error->message, "f: line 2: [shares] allow-write: there is a control"));
}
END_TEST

/* A comment is nobody's path, and may be in any encoding. */
START_TEST(test_comments)
{
    g_autoptr(Settings) settings = parse("# f\374r mich\n[virtiofsd]\n#\xe2\x80\x8b = /\n");

    ck_assert_ptr_nonnull(settings);
}
END_TEST

/* Without an end of its last line, and with what may stand around. */
START_TEST(test_layout)
{
    g_autoptr(Settings) settings =
        parse("\n  # c\n\t[virtiofsd] \n  binary\t= /opt/v \n#\n[vm [ab]*]\nbinary=/opt/w");

    ck_assert_ptr_nonnull(settings);
    ck_assert_str_eq(settings_binary(settings, "c"), "/opt/v");
    ck_assert_str_eq(settings_binary(settings, "bee"), "/opt/w");
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("settings");
    TCase *tc = tcase_create("settings");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tc, test_allow_write, 0, G_N_ELEMENTS(dirs));
    tcase_add_test(tc, test_virtiofsd);
    tcase_add_test(tc, test_nothing);
    tcase_add_test(tc, test_option_of_two_arguments);
    tcase_add_loop_test(tc, test_options_of_groups, 0, G_N_ELEMENTS(merged));
    tcase_add_loop_test(tc, test_matches, 0, G_N_ELEMENTS(matches));
    tcase_add_loop_test(tc, test_what_messages_tell, 0, G_N_ELEMENTS(told));
    tcase_add_test(tc, test_nul);
    tcase_add_test(tc, test_layout);
    tcase_add_test(tc, test_comments);
    tcase_add_test(tc, test_locale);
    tcase_add_test(tc, test_lists_that_are_told);
    tcase_add_test(tc, test_nothing_is_told_of_a_file_that_is_wrong);
    tcase_add_loop_test(tc, test_binary, 0, G_N_ELEMENTS(binaries));
    tcase_add_loop_test(tc, test_names_of_vms, 0, G_N_ELEMENTS(vms));
    tcase_add_loop_test(tc, test_what_no_pattern_names, 0, G_N_ELEMENTS(nameless));
    tcase_add_loop_test(tc, test_errors, 0, G_N_ELEMENTS(errors));
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
