/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "helper/vm-record.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "fake-host.h"
#include "grant/grant.h"

#define PROFILE "libvirt-6f2c1a3e-5b7d-4c89-9e0f-1a2b3c4d5e6f"
#define FIRST   "virt-aa-virtiofs vm 1\n"

static VmRecord *
full_record(void)
{
    VmRecord *record = vm_record_new(PROFILE);
    Origin origin = {"disk 'v%da'", 12};
    RecordedShare *share;

    record->domain = g_strdup("a name = with %\n\x01 in it");
    record->id = 7;
    record->qemu_loaded = g_strdup("sha1:00 sha256:11");
    record->virtiofsd_loaded = g_strdup("sha1:22 sha256:33");
    grant_set_origin(grant_pattern(record->qemu, "/a/**/", "li\nte%ral", "/*", PERM_R | PERM_K),
                     origin);
    grant_deny_write(record->qemu, "", "/b", "");
    grant_note(record->qemu, "a note");
    grant_unix_peer(record->announced, PROFILE "-virtiofsd");
    grant_capability(record->virtiofsd, "chown");
    grant_literal(record->writer, "/=", PERM_W);
    vm_record_add_path(record->memory, "/dev/hugepages/7-x");
    vm_record_add_path(record->memory, "/dev/hugepages/7-x");
    vm_record_add_path(record->sockets, "/s/fs0-fs.sock");
    vm_record_put_share(record, "fs0", "/srv/first", FALSE);
    share = vm_record_put_share(record, "fs1", "/srv/\xff odd", TRUE);
    share->socket = g_strdup("/s/fs1-fs.sock");
    share->pid = 42;
    share->start = G_GUINT64_CONSTANT(18446744073709551615);
    return record;
}

START_TEST(test_both_ways)
{
    g_autoptr(VmRecord) record = full_record();
    g_autofree char *text = vm_record_format(record, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(VmRecord) read = vm_record_parse(text, PROFILE, &error);
    g_autofree char *again = NULL;
    const RecordedShare *share;

    ck_assert_msg(read != NULL, "%s\n%s", error ? error->message : "", text);
    again = vm_record_format(read, NULL);
    ck_assert_str_eq(text, again);
    ck_assert_str_eq(read->domain, record->domain);
    ck_assert_int_eq(read->id, 7);
    ck_assert(read->qemu_known);
    ck_assert_str_eq(read->qemu_loaded, "sha1:00 sha256:11");
    ck_assert_str_eq(read->virtiofsd_loaded, "sha1:22 sha256:33");
    ck_assert_uint_eq(read->qemu->len, 3);
    for (guint i = 0; i < read->qemu->len; i++)
        ck_assert(
            grant_equal(g_ptr_array_index(read->qemu, i), g_ptr_array_index(record->qemu, i)));
    ck_assert_uint_eq(read->memory->len, 1);
    share = vm_record_find_share(read, "fs1");
    ck_assert_str_eq(share->dir, "/srv/\xff odd");
    ck_assert(share->readonly);
    ck_assert_uint_eq(share->pid, 42);
    ck_assert(share->start == G_MAXUINT64);
    ck_assert(vm_record_has_writable(read));
}
END_TEST

static const struct {
    const char *name;
    const char *text;
} malformed[] = {
    {"empty", ""},
    {"another kind of record", "virt-aa-virtiofs 1\nprofile=" PROFILE "\n"},
    {"another version", "virt-aa-virtiofs vm 2\nprofile=" PROFILE "\n"},
    {"another VM's", FIRST "profile=libvirt-00000000-0000-0000-0000-000000000000\n"},
    {"no profile", FIRST "id=1\ndomain=a\n"},
    {"no domain", FIRST "profile=" PROFILE "\nid=1\n"},
    {"no line break at the end", FIRST "profile=" PROFILE},
    {"no equals sign", FIRST "profile=" PROFILE "\nid\n"},
    {"an unknown key", FIRST "profile=" PROFILE "\ncolour=red\n"},
    {"an id that is none", FIRST "profile=" PROFILE "\nid=x\n"},
    {"an id below -1", FIRST "profile=" PROFILE "\nid=-2\n"},
    {"a grant of no kind", FIRST "profile=" PROFILE "\nqemu=99 1\n"},
    {"permissions that are none", FIRST "profile=" PROFILE "\nqemu=0 4096\n"},
    {"a part of no grant", FIRST "profile=" PROFILE "\nliteral=/x\n"},
    {"a relative share", FIRST "profile=" PROFILE "\nshare=srv\n"},
    {"a flag that is none", FIRST "profile=" PROFILE "\nshare=/srv\nreadonly=maybe\n"},
    {"a process that is none", FIRST "profile=" PROFILE "\nshare=/srv\npid=-1\n"},
    {"an escape that is none", FIRST "profile=" PROFILE "\ndomain=%4\n"},
    {"an escaped NUL", FIRST "profile=" PROFILE "\ndomain=a%00b\n"},
};

START_TEST(test_malformed)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VmRecord) record = vm_record_parse(malformed[_i].text, PROFILE, &error);

    ck_assert_msg(record == NULL, "%s", malformed[_i].name);
    ck_assert_msg(error != NULL, "%s", malformed[_i].name);
}
END_TEST

/* A share lives as long as its socket and its process. */
START_TEST(test_ended)
{
    static const struct {
        const char *name;
        gboolean socket;
        const char *stat;
        gboolean kept;
    } rows[] = {
        {"both are there", TRUE,
         "42 (virtio) fsd) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 777 0\n", TRUE},
        {"no socket", FALSE,
         "42 (virtiofsd) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 777 0\n", FALSE},
        {"no process", TRUE, NULL, FALSE},
        {"another process of its number", TRUE,
         "42 (virtiofsd) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 778 0\n", FALSE},
        {"a process of which nobody knows", TRUE, "", TRUE},
    };
    g_autoptr(FakeHost) fake = fake_host_new();
    g_autoptr(VmRecord) record = vm_record_new(PROFILE);
    RecordedShare *share = vm_record_put_share(record, "fs0", "/srv", FALSE);

    vm_record_put_share(record, "of-the-xml", "/srv/xml", FALSE);
    fake_file(fake, "/proc/42/stat", rows[0].stat);
    share->socket = g_strdup("/s/fs0-fs.sock");
    vm_record_note_process(share, fake->host, 42);
    ck_assert_uint_eq(share->start, 777);
    if (rows[_i].stat)
        fake_file(fake, "/proc/42/stat", rows[_i].stat);
    else
        fake_remove(fake, "/proc/42/stat");
    if (rows[_i].socket)
        fake_file(fake, "/s/fs0-fs.sock", "");
    vm_record_drop_ended(record, fake->host);
    ck_assert_msg((vm_record_find_share(record, "fs0") != NULL) == rows[_i].kept, "%s",
                  rows[_i].name);
    ck_assert_ptr_nonnull(vm_record_find_share(record, "of-the-xml"));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("vm-record");
    TCase *tc = tcase_create("vm-record");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(tc, test_both_ways);
    tcase_add_loop_test(tc, test_malformed, 0, G_N_ELEMENTS(malformed));
    tcase_add_loop_test(tc, test_ended, 0, 5);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
