/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/record.h"

#include "launcher-fixture.h"

#define PROFILE "libvirt-01234567-89ab-cdef-0123-456789abcdef"
#define HEAD    "virt-aa-virtiofs 1\n"
#define LEAST   HEAD "profile=" PROFILE "\ndomain=vm\n"
#define SOCKET  "/var/lib/libvirt/qemu/domain-1-vm/fs0-fs.sock"
#define NAME    "%2Fvar%2Flib%2Flibvirt%2Fqemu%2Fdomain-1-vm%2Ffs0-fs.sock"

static const struct {
    const char *name;
    const char *text;
    bool good;
} rows[] = {
    {"the least", LEAST, true},
    {"a share", LEAST "share=/srv/a\nreadonly=no\n", true},
    {"a read-only share", LEAST "readonly=yes\nshare=/srv/a\n", true},
    {"everything",
     LEAST "share=/srv/a\nreadonly=no\nbinary=/usr/libexec/virtiofsd\noption=--xattr\n"
           "option=-o\noption=a=b\nx-later=1\n",
     true},
    {"escapes", LEAST "share=/srv/%0A%25%7F\nreadonly=no\n", true},
    {"a later helper's keys", LEAST "x-\nx-a=%FF\n", false},
    {"an empty name", HEAD "profile=" PROFILE "\ndomain=\n", true},
    {"empty", "", false},
    {"another version", "virt-aa-virtiofs 2\nprofile=" PROFILE "\ndomain=vm\n", false},
    {"version and more", "virt-aa-virtiofs 10\nprofile=" PROFILE "\ndomain=vm\n", false},
    {"first line cut", "virt-aa-virtiofs 1", false},
    {"nothing but the first line", HEAD, false},
    {"no profile", HEAD "domain=vm\n", false},
    {"no domain", HEAD "profile=" PROFILE "\n", false},
    {"last line cut", LEAST "share=/srv/a\nreadonly=no", false},
    {"share without readonly", LEAST "share=/srv/a\n", false},
    {"readonly without share", LEAST "readonly=yes\n", false},
    {"readonly is neither", LEAST "share=/srv/a\nreadonly=true\n", false},
    {"readonly twice", LEAST "share=/srv/a\nreadonly=yes\nreadonly=no\n", false},
    {"profile twice", LEAST "profile=" PROFILE "\n", false},
    {"share twice", LEAST "share=/a\nshare=/b\nreadonly=no\n", false},
    {"relative share", LEAST "share=srv\nreadonly=no\n", false},
    {"empty share", LEAST "share=\nreadonly=no\n", false},
    {"relative binary", LEAST "binary=virtiofsd\n", false},
    {"unknown key", LEAST "colour=red\n", false},
    {"key in capitals", LEAST "Share=/srv/a\nreadonly=no\n", false},
    {"key with a blank", LEAST "share =/srv/a\nreadonly=no\n", false},
    {"no key", LEAST "=x\n", false},
    {"a long key", LEAST "x-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=x\n", false},
    {"no equals sign", LEAST "share\n", false},
    {"empty line", LEAST "\n", false},
    {"carriage return", LEAST "share=/srv/a\r\nreadonly=no\r\n", false},
    {"raw control byte", LEAST "share=/srv/\x01\nreadonly=no\n", false},
    {"raw DEL", LEAST "share=/srv/\x7f\nreadonly=no\n", false},
    {"small hexadecimal", LEAST "share=/srv/%0a\nreadonly=no\n", false},
    {"cut escape", LEAST "share=/srv/%0\nreadonly=no\n", false},
    {"no escape", LEAST "share=/srv/%\nreadonly=no\n", false},
    {"no hexadecimal", LEAST "share=/srv/%G0\nreadonly=no\n", false},
    {"NUL", LEAST "share=/srv/%00\nreadonly=no\n", false},
    {"profile of another kind", HEAD "profile=unconfined\ndomain=vm\n", false},
    {"profile in capitals",
     HEAD "profile=libvirt-01234567-89AB-cdef-0123-456789abcdef\ndomain=vm\n", false},
    {"profile too long", HEAD "profile=" PROFILE "0\ndomain=vm\n", false},
    {"profile too short", HEAD "profile=libvirt-01234567-89ab-cdef-0123-456789abcde\ndomain=vm\n",
     false},
    {"profile that stacks", HEAD "profile=" PROFILE "//&unconfined\ndomain=vm\n", false},
    {"virtiofsd's profile", HEAD "profile=" PROFILE "-virtiofsd\ndomain=vm\n", false},
    {"profile with a line break",
     HEAD "profile=libvirt-01234567-89ab-cdef-0123-456789abcde%0A\n"
          "domain=vm\n",
     false},
};

START_TEST(test_texts)
{
    AUTO_RECORD Record record = {0};
    Failure failure = {.text = ""};
    bool good = record_parse(rows[_i].text, strlen(rows[_i].text), &record, &failure);

    ck_assert_msg(good == rows[_i].good, "%s: %s", rows[_i].name, failure.text);
    ck_assert_msg(good || (failure.text[0] && failure.todo), "%s", rows[_i].name);
}
END_TEST

START_TEST(test_fields)
{
    static const char text[] = HEAD "profile=" PROFILE "\ndomain=my%25vm%0A\nshare=/srv/a%0Ab=c\n"
                                    "readonly=yes\nbinary=/opt/v\noption=--a\noption=\nx-y=z\n";
    AUTO_RECORD Record record = {0};
    Failure failure = {.text = ""};

    ck_assert_msg(record_parse(text, strlen(text), &record, &failure), "%s", failure.text);
    ck_assert_str_eq(record.profile, PROFILE);
    ck_assert_str_eq(record.label, PROFILE "-virtiofsd");
    ck_assert_str_eq(record.domain, "my%vm\n");
    ck_assert_str_eq(record.share, "/srv/a\nb=c");
    ck_assert(record.readonly);
    ck_assert_str_eq(record.binary, "/opt/v");
    ck_assert_uint_eq(record.n_options, 2);
    ck_assert_str_eq(record.options[0], "--a");
    ck_assert_str_eq(record.options[1], "");
    ck_assert_ptr_null(record.options[2]);
}
END_TEST

START_TEST(test_raw_nul)
{
    static const char text[] = LEAST "share=/srv/a\0b\nreadonly=no\n";
    AUTO_RECORD Record record = {0};
    Failure failure;

    ck_assert(!record_parse(text, sizeof(text) - 1, &record, &failure));
}
END_TEST

START_TEST(test_option_limit)
{
    for (int n = RECORD_MAX_OPTIONS; n <= RECORD_MAX_OPTIONS + 1; n++) {
        static const char option[] = "option=--x\n";
        char text[4096] = LEAST;
        size_t length = strlen(text);
        AUTO_RECORD Record record = {0};
        Failure failure;

        for (int i = 0; i < n; i++, length += strlen(option))
            fixture_copy(text + length, sizeof(text) - length, option);
        ck_assert_int_eq(record_parse(text, length, &record, &failure), n == RECORD_MAX_OPTIONS);
    }
}
END_TEST

START_TEST(test_file_names)
{
    char name[NAME_MAX + 1];
    char socket[NAME_MAX + 3];

    ck_assert(record_file_name(SOCKET, name));
    ck_assert_str_eq(name, NAME);
    ck_assert(record_file_name("/a%2F", name));
    ck_assert_str_eq(name, "%2Fa%252F");
    ck_assert(!record_file_name("", name));
    memset(socket, 'a', sizeof(socket));
    socket[0] = '/';
    socket[NAME_MAX - 2] = '\0';
    ck_assert(record_file_name(socket, name));
    ck_assert_uint_eq(strlen(name), NAME_MAX);
    socket[NAME_MAX - 2] = 'a';
    socket[NAME_MAX - 1] = '\0';
    ck_assert(!record_file_name(socket, name));
}
END_TEST

static RecordStatus
look(const char *socket)
{
    AUTO_RECORD Record record = {0};
    Failure failure = {.text = ""};
    RecordStatus status = record_read(fixture_path("run"), getuid(), socket, &record, &failure);

    ck_assert_int_eq(status == RECORD_BAD, failure.text[0] != '\0');
    return status;
}

START_TEST(test_good_file)
{
    fixture_file("run/sockets/" NAME, LEAST, 0600);
    ck_assert_int_eq(look(SOCKET), RECORD_FOUND);
    ck_assert_int_eq(look("/var/lib/libvirt/qemu/domain-1-vm/fs1-fs.sock"), RECORD_NONE);
}
END_TEST

/* "No record" means that a VM runs without a profile: only what is surely not there may say it. */
START_TEST(test_no_directory)
{
    ck_assert_int_eq(look(SOCKET), RECORD_NONE);
    fixture_file("run/", NULL, 0);
    ck_assert_int_eq(look(SOCKET), RECORD_NONE);
    fixture_file("run/sockets/", NULL, 0);
    ck_assert_int_eq(look(SOCKET), RECORD_NONE);
}
END_TEST

START_TEST(test_bad_files)
{
    static const mode_t modes[] = {0644, 0640, 0660, 0602, 0700, 04600, 0400};
    const char *path = fixture_file("run/sockets/" NAME, LEAST, 0600);
    const char *other = fixture_path("other");

    for (size_t i = 0; i < ROWS(modes); i++) {
        ck_assert_int_eq(chmod(path, modes[i]), 0);
        ck_assert_msg(look(SOCKET) == RECORD_BAD, "mode %o", modes[i]);
    }
    ck_assert_int_eq(chmod(path, 0600), 0);
    ck_assert_int_eq(look(SOCKET), RECORD_FOUND);
    /* another name of it, which somebody may still write through */
    ck_assert_int_eq(link(path, other), 0);
    ck_assert_int_eq(look(SOCKET), RECORD_BAD);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(symlink(other, path), 0);
    ck_assert_int_eq(look(SOCKET), RECORD_BAD);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(symlink("/nonexistent", path), 0);
    ck_assert_int_eq(look(SOCKET), RECORD_BAD);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert_int_eq(look(SOCKET), RECORD_BAD);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(mkdir(path, 0600), 0);
    ck_assert_int_eq(look(SOCKET), RECORD_BAD);
}
END_TEST

START_TEST(test_bad_directories)
{
    const char *run = fixture_path("run");
    const char *sockets = fixture_path("run/sockets");

    fixture_file("run/sockets/" NAME, LEAST, 0600);
    ck_assert_int_eq(chmod(sockets, 0777), 0);
    ck_assert_int_eq(look(SOCKET), RECORD_BAD);
    ck_assert_int_eq(chmod(sockets, 0700), 0);
    ck_assert_int_eq(chmod(run, 0720), 0);
    ck_assert_int_eq(look(SOCKET), RECORD_BAD);
    ck_assert_int_eq(chmod(run, 0700), 0);
    ck_assert_int_eq(look(SOCKET), RECORD_FOUND);
    ck_assert_int_eq(rename(sockets, fixture_path("elsewhere")), 0);
    ck_assert_int_eq(symlink("../elsewhere", sockets), 0);
    ck_assert_int_eq(look(SOCKET), RECORD_BAD);
}
END_TEST

START_TEST(test_other_owner)
{
    AUTO_RECORD Record record = {0};
    Failure failure;

    fixture_file("run/sockets/" NAME, LEAST, 0600);
    ck_assert_int_eq(record_read(fixture_path("run"), getuid() + 1, SOCKET, &record, &failure),
                     RECORD_BAD);
}
END_TEST

START_TEST(test_size)
{
    const char *path = fixture_file("run/sockets/" NAME, LEAST, 0600);
    char *text = malloc(RECORD_MAX_BYTES + 2);

    ck_assert_ptr_nonnull(text);
    memset(text, 'x', RECORD_MAX_BYTES + 1);
    text[RECORD_MAX_BYTES + 1] = '\0';
    memcpy(text, LEAST "x-a=", strlen(LEAST "x-a="));
    text[RECORD_MAX_BYTES] = '\n';
    fixture_file("run/sockets/" NAME, text, 0600);
    ck_assert_int_eq(look(SOCKET), RECORD_BAD);
    text[RECORD_MAX_BYTES - 1] = '\n';
    text[RECORD_MAX_BYTES] = '\0';
    fixture_file("run/sockets/" NAME, text, 0600);
    ck_assert_int_eq(look(SOCKET), RECORD_FOUND);
    ck_assert_int_eq(truncate(path, 0), 0);
    ck_assert_int_eq(look(SOCKET), RECORD_BAD);
    free(text);
}
END_TEST

START_TEST(test_long_socket)
{
    char socket[120];

    memset(socket, '/', sizeof(socket));
    socket[sizeof(socket) - 1] = '\0';
    ck_assert_int_eq(look(socket), RECORD_BAD);
}
END_TEST

int
main(void)
{
    TCase *tc = tcase_create("record");

    tcase_add_checked_fixture(tc, fixture_setup, fixture_teardown);
    tcase_add_loop_test(tc, test_texts, 0, ROWS(rows));
    tcase_add_test(tc, test_fields);
    tcase_add_test(tc, test_raw_nul);
    tcase_add_test(tc, test_option_limit);
    tcase_add_test(tc, test_file_names);
    tcase_add_test(tc, test_good_file);
    tcase_add_test(tc, test_no_directory);
    tcase_add_test(tc, test_bad_files);
    tcase_add_test(tc, test_bad_directories);
    tcase_add_test(tc, test_other_owner);
    tcase_add_test(tc, test_size);
    tcase_add_test(tc, test_long_socket);
    return fixture_run("launcher-record", tc);
}
