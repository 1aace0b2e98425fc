/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "virtiofsd/record.h"

#include "launcher-fixture.h"
#include "virtiofsd/fields.h"
#include "virtiofsd/label.h"

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
    {"an escape that is none", LEAST "share=/srv/%41\nreadonly=no\n", false},
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
    ck_assert_msg(good || failure.text[0], "%s", rows[_i].name);
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

/* What is written is read as what it was, and written again as the same bytes. */
static const struct {
    const char *name;
    Record record;
    const char *text; /* NULL: cannot be written */
} written[] = {
    {"the least", {.profile = (char *)PROFILE, .domain = (char *)"vm"}, LEAST},
    {"readonly without share",
     {.profile = (char *)PROFILE, .domain = (char *)"vm", .readonly = true},
     LEAST},
    {"everything",
     {.profile = (char *)PROFILE,
      .domain = (char *)"a\nb%\x7f=\xc3\xa9",
      .share = (char *)"/srv/\x01",
      .readonly = true,
      .binary = (char *)"/opt/v",
      .options = (char *[]){(char *)"-o", (char *)"", (char *)"a\tb", NULL}},
     HEAD "profile=" PROFILE "\ndomain=a%0Ab%25%7F=\xc3\xa9\nshare=/srv/%01\nreadonly=yes\n"
          "binary=/opt/v\noption=-o\noption=\noption=a%09b\n"},
    {"no profile", {.domain = (char *)"vm"}, NULL},
    {"no domain", {.profile = (char *)PROFILE}, NULL},
    {"another profile", {.profile = (char *)"unconfined", .domain = (char *)"vm"}, NULL},
    {"relative share",
     {.profile = (char *)PROFILE, .domain = (char *)"vm", .share = (char *)"srv"},
     NULL},
    {"relative binary",
     {.profile = (char *)PROFILE, .domain = (char *)"vm", .binary = (char *)"v"},
     NULL},
};

START_TEST(test_written)
{
    const char *name = written[_i].name;
    AUTO_RECORD Record record = {0};
    Failure failure = {.text = ""};
    size_t length = 0;
    char *text = record_format(&written[_i].record, &length, &failure);
    char *again;

    if (!written[_i].text) {
        ck_assert_msg(!text && failure.text[0], "%s", name);
        return;
    }
    ck_assert_msg(text && strcmp(text, written[_i].text) == 0, "%s: %s", name, text);
    ck_assert_msg(length == strlen(text), "%s", name);
    ck_assert_msg(record_parse(text, length, &record, &failure), "%s: %s", name, failure.text);
    ck_assert_msg(strcmp(record.domain, written[_i].record.domain) == 0, "%s", name);
    again = record_format(&record, NULL, &failure);
    ck_assert_msg(again && strcmp(again, text) == 0, "%s: %s", name, again);
    free(again);
    free(text);
}
END_TEST

START_TEST(test_limits_of_writing)
{
    char *options[RECORD_MAX_OPTIONS + 2];
    Record record = {.profile = (char *)PROFILE, .domain = (char *)"vm", .options = options};
    char *large = malloc(RECORD_MAX_BYTES + 1);
    Failure failure;
    char *text;

    for (int i = 0; i <= RECORD_MAX_OPTIONS; i++)
        options[i] = (char *)"-f";
    options[RECORD_MAX_OPTIONS + 1] = NULL;
    ck_assert_ptr_null(record_format(&record, NULL, &failure));
    options[RECORD_MAX_OPTIONS] = NULL;
    text = record_format(&record, NULL, &failure);
    ck_assert_ptr_nonnull(text);
    free(text);
    memset(large, 'a', RECORD_MAX_BYTES);
    large[RECORD_MAX_BYTES] = '\0';
    record.domain = large;
    ck_assert_ptr_null(record_format(&record, NULL, &failure));
    large[RECORD_MAX_BYTES - 16 * 1024] = '\0';
    text = record_format(&record, NULL, &failure);
    ck_assert_ptr_nonnull(text);
    free(text);
    free(large);
}
END_TEST

/* A kind of another header, whose keys come again. */
START_TEST(test_fields_of_another_kind)
{
    AUTO_FIELDS_WRITER FieldsWriter writer;
    AUTO_FIELDS_READER FieldsReader reader = {.value = NULL};
    Failure failure = {.text = ""};
    size_t length;
    char *text;

    fields_start(&writer, "kind 7", 64);
    fields_add(&writer, "a", "1");
    fields_add(&writer, "a", "");
    fields_add(&writer, "b-2", "x=y");
    text = fields_finish(&writer, &length, &failure);
    ck_assert_str_eq(text, "kind 7\na=1\na=\nb-2=x=y\n");
    ck_assert(!fields_open(&reader, "kind 77", text, length, 64, &failure));
    ck_assert(!fields_open(&reader, "kind", text, length, 64, &failure));
    ck_assert(!fields_open(&reader, "kind 7", text, length, length - 1, &failure));
    ck_assert(fields_open(&reader, "kind 7", text, length, length, &failure));
    ck_assert_int_eq(fields_next(&reader, &failure), FIELDS_FIELD);
    ck_assert_str_eq(reader.key, "a");
    ck_assert_str_eq(reader.value, "1");
    ck_assert_int_eq(fields_next(&reader, &failure), FIELDS_FIELD);
    ck_assert_str_eq(reader.value, "");
    ck_assert_int_eq(fields_next(&reader, &failure), FIELDS_FIELD);
    ck_assert_str_eq(reader.key, "b-2");
    ck_assert_str_eq(reader.value, "x=y");
    ck_assert_uint_eq(reader.line, 4);
    ck_assert_int_eq(fields_next(&reader, &failure), FIELDS_END);
    ck_assert_int_eq(fields_next(&reader, &failure), FIELDS_END);
    free(text);
}
END_TEST

static const struct {
    const char *name;
    const char *key;
    const char *value;
    size_t max;
    bool good;
} additions[] = {
    {"it fits", "a", "123456", 11, true},
    {"one byte too many", "a", "1234567", 11, false},
    {"an escape too many", "a", "12345\n", 11, false},
    {"no key", "", "1", 64, false},
    {"a key in capitals", "A", "1", 64, false},
    {"a key that ends", "a=b", "1", 64, false},
    {"a key with a line break", "a\nb", "1", 64, false},
    {"the longest key", "a234567890123456789012345678901", "1", 64, true},
    {"a longer key", "a2345678901234567890123456789012", "1", 64, false},
    {"not even the header", "a", "1", 1, false},
};

START_TEST(test_additions)
{
    AUTO_FIELDS_WRITER FieldsWriter writer;
    Failure failure = {.text = ""};
    char *text;

    fields_start(&writer, "h", additions[_i].max);
    fields_add(&writer, additions[_i].key, additions[_i].value);
    text = fields_finish(&writer, NULL, &failure);
    ck_assert_msg((text != NULL) == additions[_i].good, "%s: %s", additions[_i].name, text);
    ck_assert_msg(text || failure.text[0], "%s", additions[_i].name);
    free(text);
}
END_TEST

static const struct {
    const char *label;
    const char *profile; /* NULL: not a virtiofsd's */
} labels[] = {
    {PROFILE "-virtiofsd", PROFILE},
    {PROFILE, NULL},
    {PROFILE "-virtiofs", NULL},
    {PROFILE "-virtiofsd-virtiofsd", NULL},
    {PROFILE "-virtiofsd (enforce)", NULL},
    {"libvirt-01234567-89AB-cdef-0123-456789abcdef-virtiofsd", NULL},
    {"libvirt-01234567-89ab-cdef-0123-456789abcde-virtiofsd", NULL},
    {"libvirt-01234567x89ab-cdef-0123-456789abcdef-virtiofsd", NULL},
    {"-virtiofsd", NULL},
    {"unconfined", NULL},
    {"", NULL},
};

START_TEST(test_labels)
{
    char *profile = label_to_profile(labels[_i].label);
    char *label;

    if (!labels[_i].profile) {
        ck_assert_msg(!profile && errno == EINVAL, "%s", labels[_i].label);
        return;
    }
    ck_assert_str_eq(profile, labels[_i].profile);
    ck_assert(label_is_profile(profile) && !label_is_profile(labels[_i].label));
    label = label_from_profile(profile);
    ck_assert_str_eq(label, labels[_i].label);
    free(label);
    free(profile);
}
END_TEST

int
main(void)
{
    TCase *tc = tcase_create("record");

    tcase_add_loop_test(tc, test_texts, 0, ROWS(rows));
    tcase_add_test(tc, test_fields);
    tcase_add_test(tc, test_raw_nul);
    tcase_add_test(tc, test_option_limit);
    tcase_add_test(tc, test_file_names);
    tcase_add_loop_test(tc, test_written, 0, ROWS(written));
    tcase_add_test(tc, test_limits_of_writing);
    tcase_add_test(tc, test_fields_of_another_kind);
    tcase_add_loop_test(tc, test_additions, 0, ROWS(additions));
    tcase_add_loop_test(tc, test_labels, 0, ROWS(labels));
    return fixture_run("record", tc);
}
