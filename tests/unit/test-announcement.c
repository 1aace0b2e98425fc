/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "helper/announcement.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "fake-host.h"

/* What libvirtd calls directories of the domain 7 that is called "guest". */
static const char *const directories[] = {"7-guest", "7-gu", NULL};

#define LIB "/var/lib/libvirt/qemu/"

static const struct {
    const char *argument;
    AnnouncedKind kind;
    const char *path; /* NULL: the argument; where it is refused, what the message has */
    const char *alias;
    gboolean own;
} rows[] = {
    {"/var/lib/libvirt/images/a.qcow2", ANNOUNCED_FILE, NULL, NULL, FALSE},
    {LIB "domain-7-guest/master-key.aes", ANNOUNCED_FILE, NULL, NULL, FALSE},
    /* its directories, whether or not they are there */
    {LIB "domain-7-guest/{,**}", ANNOUNCED_TREE, LIB "domain-7-guest", NULL, TRUE},
    {"/run/libvirt/qemu/channel/7-guest/{,**}", ANNOUNCED_TREE, "/run/libvirt/qemu/channel/7-guest",
     NULL, TRUE},
    {LIB "ram/7-guest/{,**}", ANNOUNCED_GUEST_MEMORY, LIB "ram/7-guest", NULL, TRUE},
    {"/dev/hugepages/libvirt/qemu/7-gu/{,**}", ANNOUNCED_GUEST_MEMORY,
     "/dev/hugepages/libvirt/qemu/7-gu", NULL, TRUE},
    /* another domain's are trees only if they are there, and never memory of this one */
    {LIB "ram/8-guest/{,**}", ANNOUNCED_FILE, NULL, NULL, FALSE},
    {"/there/8-guest/{,**}", ANNOUNCED_TREE, "/there/8-guest", NULL, FALSE},
    /* as in a locale of which nothing is known */
    {LIB "domain-7-x/{,**}", ANNOUNCED_TREE, LIB "domain-7-x", NULL, TRUE},
    {LIB "domain-77-x/{,**}", ANNOUNCED_TREE, LIB "domain-77-x", NULL, FALSE},
    /* of qemu.conf's own */
    {"/memory/libvirt/qemu/7-guest/{,**}", ANNOUNCED_GUEST_MEMORY, "/memory/libvirt/qemu/7-guest",
     NULL, TRUE},
    /* elsewhere directories are called so, too, by others */
    {"/there/domain-7-x/{,**}", ANNOUNCED_TREE, "/there/domain-7-x", NULL, FALSE},
    {"/there/7-gu/{,**}", ANNOUNCED_TREE, "/there/7-gu", NULL, FALSE},
    {"/there/domain-7-guest/{,**}", ANNOUNCED_FILE, NULL, NULL, FALSE},
    {"/there/dir/{,**}", ANNOUNCED_TREE, "/there/dir", NULL, FALSE},
    {"/there/file/{,**}", ANNOUNCED_FILE, NULL, NULL, FALSE},
    {"/there/nothing/{,**}", ANNOUNCED_FILE, NULL, NULL, FALSE},
    /* a file of that name is meant, except where QEMU may have made it */
    {"/there/odd/{,**}", ANNOUNCED_FILE, NULL, NULL, FALSE},
    {LIB "7-guest/{,**}", ANNOUNCED_GUEST_MEMORY, LIB "7-guest", NULL, TRUE},
    {"/there/7-guest/{,**}", ANNOUNCED_FILE, NULL, NULL, FALSE},
    {"/{,**}", ANNOUNCED_TREE, "/", NULL, FALSE},
    /* everything else that would be a pattern is a name */
    {"/there/dir/**", ANNOUNCED_FILE, NULL, NULL, FALSE},
    {"/there/dir/{,*}", ANNOUNCED_FILE, NULL, NULL, FALSE},
    {"/{etc,x}/shadow", ANNOUNCED_FILE, NULL, NULL, FALSE},
    {"/there/dir/{,**}/x", ANNOUNCED_FILE, NULL, NULL, FALSE},
    /* devices */
    {"/dev/net/tun", ANNOUNCED_TAP, NULL, NULL, FALSE},
    {"/dev/tap12", ANNOUNCED_TAP, NULL, NULL, FALSE},
    {"/dev/tap", ANNOUNCED_FILE, NULL, NULL, FALSE},
    {"/dev/tape1", ANNOUNCED_FILE, NULL, NULL, FALSE},
    {"/dev/iommu", ANNOUNCED_MAPPED_FILE, NULL, NULL, FALSE},
    {"/dev/vfio/devices/vfio3", ANNOUNCED_MAPPED_FILE, NULL, NULL, FALSE},
    {"/dev/vfio/devices/vfio", ANNOUNCED_FILE, NULL, NULL, FALSE},
    {"/dev/vfio/devices/vfio3/x", ANNOUNCED_FILE, NULL, NULL, FALSE},
    {"/dev/vfio/42", ANNOUNCED_FILE, NULL, NULL, FALSE},
    /* sockets of virtiofsds */
    {LIB "domain-7-guest/fs0-fs.sock", ANNOUNCED_VIRTIOFSD_SOCKET, NULL, "fs0", FALSE},
    {LIB "domain-7-gu/ua-my-share-fs.sock", ANNOUNCED_VIRTIOFSD_SOCKET, NULL, "ua-my-share", FALSE},
    {LIB "domain-7-guest/-fs.sock", ANNOUNCED_FILE, NULL, NULL, FALSE},
    {LIB "domain-7-guest/monitor.sock", ANNOUNCED_FILE, NULL, NULL, FALSE},
    {"/images/fs0-fs.sock", ANNOUNCED_FILE, NULL, NULL, FALSE},
    {"/images/7-guest/fs0-fs.sock", ANNOUNCED_FILE, NULL, NULL, FALSE},
};

static const char *const refused[] = {
    LIB "domain-7-guest2/fs0-fs.sock",
    LIB "domain-8-guest/fs0-fs.sock",
    LIB "domain-7-g/fs0-fs.sock",
    LIB "domain-/fs0-fs.sock",
};

static FakeHost *
make_host(void)
{
    FakeHost *fake = fake_host_new();

    fake_dir(fake, "/there/dir");
    fake_dir(fake, "/there/8-guest");
    fake_dir(fake, "/there/domain-7-x");
    fake_dir(fake, "/there/7-gu");
    fake_dir(fake, LIB "domain-7-x");
    fake_dir(fake, LIB "domain-77-x");
    fake_file(fake, "/there/file", "");
    fake_file(fake, "/there/odd/{,**}", "");
    fake_file(fake, "/there/7-guest/{,**}", "");
    fake_file(fake, LIB "7-guest/{,**}", "");
    return fake;
}

START_TEST(test_kinds)
{
    g_autoptr(FakeHost) fake = make_host();
    g_autoptr(GError) error = NULL;
    g_autoptr(Announcement) announced = NULL;

    announced = announcement_read(rows[_i].argument, directories, fake->host, &error);
    ck_assert_msg(announced != NULL, "%s: %s", rows[_i].argument, error ? error->message : "");
    ck_assert_msg(announced->kind == rows[_i].kind, "%s: %u", rows[_i].argument, announced->kind);
    ck_assert_msg(announced->own == rows[_i].own, "%s: own", rows[_i].argument);
    ck_assert_str_eq(announced->path, rows[_i].path ? rows[_i].path : rows[_i].argument);
    ck_assert_msg(g_strcmp0(announced->alias, rows[_i].alias) == 0, "%s: %s", rows[_i].argument,
                  announced->alias);
}
END_TEST

START_TEST(test_refused)
{
    g_autoptr(FakeHost) fake = make_host();
    g_autoptr(GError) error = NULL;

    ck_assert_msg(!announcement_read(refused[_i], directories, fake->host, &error), "%s",
                  refused[_i]);
    ck_assert_msg(strstr(error->message, refused[_i]) && strstr(error->message, "domain-7-guest"),
                  "%s", error->message);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("announcement");
    TCase *tc = tcase_create("announcement");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tc, test_kinds, 0, G_N_ELEMENTS(rows));
    tcase_add_loop_test(tc, test_refused, 0, G_N_ELEMENTS(refused));
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
