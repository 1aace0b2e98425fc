/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/model.h"

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake-host.h"
#include "model/commandline.h"
#include "model/paths.h"

static const struct {
    const char *path;
    gboolean reading; /* refused even for reading */
    gboolean writing; /* refused for writing */
} restricted[] = {
    {"/var/lib/libvirt/images/a", FALSE, FALSE},
    {"/etc/passwd", TRUE, TRUE},
    {"/etc", TRUE, TRUE},
    {"/etcetera", FALSE, FALSE},
    {"/usr/lib64/x", TRUE, TRUE},
    /* a directory, not the beginning of a name */
    {"/libfoo", FALSE, FALSE},
    {"/library/a.img", FALSE, FALSE},
    {"/lib64/a", TRUE, TRUE},
    {"/usr/libvirt-images/a", FALSE, FALSE},
    {"/usr/libexec/a", TRUE, TRUE},
    {"/usr/local/libvirt-images/a", FALSE, FALSE},
    {"/bootstrap/a", FALSE, FALSE},
    {"/initrd-images/a", FALSE, FALSE},
    {"/initrd.img.old", FALSE, TRUE},
    {"/procurement/a", FALSE, FALSE},
    {"/sysadmin/a", FALSE, FALSE},
    {"/usr/share/x", TRUE, TRUE},
    {"/usr/share/OVMF/OVMF_CODE.fd", FALSE, TRUE},
    {"/usr/share/seabios/bios.bin", FALSE, TRUE},
    {"/usr/share/seabios-other", TRUE, TRUE},
    {"/usr/lib/u-boot/x", FALSE, TRUE},
    {"/boot/vmlinuz", FALSE, TRUE},
    {"/vmlinuz", FALSE, TRUE},
    {"/proc/1/mem", TRUE, TRUE},
    {"/sys/devices/pci0000:00/0000:00:1f.0/config", FALSE, FALSE},
    {"/sys/class/net", TRUE, TRUE},
    {"/etc/libvirt-sandbox/services/a", FALSE, FALSE},
    {"/usr/local/lib/x", TRUE, TRUE},
    {"/usr/local/share/x", FALSE, FALSE},
};

START_TEST(test_restricted)
{
    ck_assert_msg(path_is_restricted(restricted[_i].path, FALSE) == restricted[_i].reading, "%s",
                  restricted[_i].path);
    ck_assert_msg(path_is_restricted(restricted[_i].path, TRUE) == restricted[_i].writing, "%s",
                  restricted[_i].path);
}
END_TEST

static const struct {
    const char *dir;
    TreeVerdict reading;
    TreeVerdict writing;
} trees[] = {
    {"/", TREE_REFUSED, TREE_REFUSED},
    {"/etc", TREE_REFUSED, TREE_REFUSED},
    {"/etc/", TREE_REFUSED, TREE_REFUSED},
    {"/etc/nginx", TREE_DOUBTFUL, TREE_REFUSED},
    {"/etcetera", TREE_FREE, TREE_FREE},
    {"/usr", TREE_FREE, TREE_REFUSED},
    {"/usr/share/doc", TREE_FREE, TREE_REFUSED},
    {"/usr/local", TREE_FREE, TREE_REFUSED},
    {"/usr/games", TREE_FREE, TREE_REFUSED},
    {"/usr/local/games", TREE_FREE, TREE_REFUSED},
    {"/usr/local/share/mine", TREE_FREE, TREE_FREE},
    {"/etc/ssh", TREE_REFUSED, TREE_REFUSED},
    {"/etc/ssl", TREE_REFUSED, TREE_REFUSED},
    {"/etc/ssl/certs", TREE_DOUBTFUL, TREE_REFUSED},
    {"/efi/EFI", TREE_FREE, TREE_REFUSED},
    {"/nix/store", TREE_FREE, TREE_REFUSED},
    {"/boot", TREE_FREE, TREE_REFUSED},
    {"/root", TREE_REFUSED, TREE_REFUSED},
    {"/root/share", TREE_DOUBTFUL, TREE_DOUBTFUL},
    {"/root/.ssh", TREE_REFUSED, TREE_REFUSED},
    {"/root/.ssh/x", TREE_REFUSED, TREE_REFUSED},
    {"/dev", TREE_REFUSED, TREE_REFUSED},
    {"/dev/mapper", TREE_REFUSED, TREE_REFUSED},
    {"/dev/shm", TREE_REFUSED, TREE_REFUSED},
    {"/dev/shm/vm", TREE_FREE, TREE_FREE},
    {"/dev/hugepages", TREE_REFUSED, TREE_REFUSED},
    {"/dev/hugepages/mine", TREE_FREE, TREE_FREE},
    {"/dev/hugepages/libvirt", TREE_REFUSED, TREE_REFUSED},
    {"/dev/hugepages/libvirt/qemu/8-other", TREE_REFUSED, TREE_REFUSED},
    {"/run", TREE_REFUSED, TREE_REFUSED},
    {"/run/mine", TREE_DOUBTFUL, TREE_DOUBTFUL},
    {"/run/libvirt", TREE_REFUSED, TREE_REFUSED},
    {"/run/libvirt/qemu", TREE_REFUSED, TREE_REFUSED},
    {"/run/credentials/sshd.service", TREE_REFUSED, TREE_REFUSED},
    {"/run/user", TREE_REFUSED, TREE_REFUSED},
    {"/run/user/0/systemd", TREE_DOUBTFUL, TREE_REFUSED},
    {"/run/user/1000", TREE_DOUBTFUL, TREE_DOUBTFUL},
    {"/running", TREE_FREE, TREE_FREE},
    {"/var", TREE_REFUSED, TREE_REFUSED},
    {"/var/lib", TREE_REFUSED, TREE_REFUSED},
    {"/var/lib/mine", TREE_FREE, TREE_FREE},
    {"/var/lib/dpkg/info", TREE_FREE, TREE_REFUSED},
    {"/var/lib/libvirt", TREE_REFUSED, TREE_REFUSED},
    {"/var/lib/libvirt/images", TREE_FREE, TREE_FREE},
    {"/var/lib/libvirt/qemu", TREE_REFUSED, TREE_REFUSED},
    {"/var/lib/libvirt/qemu/domain-8-other", TREE_REFUSED, TREE_REFUSED},
    {"/var/lib/libvirt/dnsmasq", TREE_FREE, TREE_REFUSED},
    {"/var/lib/libvirt/swtpm", TREE_REFUSED, TREE_REFUSED},
    {"/var/lib/polkit-1/localauthority", TREE_FREE, TREE_REFUSED},
    {"/var/backups", TREE_REFUSED, TREE_REFUSED},
    {"/var/backups/mine", TREE_DOUBTFUL, TREE_DOUBTFUL},
    {"/var/cache", TREE_FREE, TREE_REFUSED},
    {"/var/cache/mine", TREE_FREE, TREE_FREE},
    {"/var/cache/apparmor/x", TREE_FREE, TREE_REFUSED},
    {"/var/www", TREE_FREE, TREE_FREE},
    {"/var/www/html", TREE_FREE, TREE_FREE},
    {"/var/log", TREE_FREE, TREE_REFUSED},
    {"/var/log/mine", TREE_DOUBTFUL, TREE_DOUBTFUL},
    {"/var/spool/cron", TREE_DOUBTFUL, TREE_REFUSED},
    {"/proc/sys", TREE_REFUSED, TREE_REFUSED},
    {"/home", TREE_FREE, TREE_FREE},
    {"/srv/share", TREE_FREE, TREE_FREE},
};

START_TEST(test_trees)
{
    ck_assert_msg(path_judge_tree(trees[_i].dir, FALSE) == trees[_i].reading, "reading %s",
                  trees[_i].dir);
    ck_assert_msg(path_judge_tree(trees[_i].dir, TRUE) == trees[_i].writing, "writing %s",
                  trees[_i].dir);
}
END_TEST

static const struct {
    const char *path;
    const char *dir;
    gboolean lies_in;
} places[] = {
    {"/srv/a", "/srv", TRUE}, {"/srv", "/srv", TRUE},
    {"/srv/", "/srv", TRUE},  {"/srv/a/b", "/srv/", TRUE},
    {"/srv", "/srv//", TRUE}, {"/srv/a", "/", TRUE},
    {"/", "/", TRUE},         {"/srvs/a", "/srv", FALSE},
    {"/sr", "/srv", FALSE},   {"/", "/srv", FALSE},
};

START_TEST(test_lies_in)
{
    ck_assert_msg(path_lies_in(places[_i].path, places[_i].dir) == places[_i].lies_in, "%s, %s",
                  places[_i].path, places[_i].dir);
}
END_TEST

static const struct {
    const char *path;
    const char *existing;
    const char *rest;
} resolved[] = {
    {"/d/file", "/d/file", ""},
    {"/link/file", "/d/file", ""},
    {"/link/new", "/d", "/new"},
    {"/link/new/{,**}", "/d", "/new/{,**}"},
    {"/d/../link//./file", "/d/file", ""},
    {"/none/at/all", "", "/none/at/all"},
    {"//none", "", "/none"},
    {"/d/../none", "", "/none"},
    {"/d/..//none/at/all", "", "/none/at/all"},
    {"//none//at///all//", "", "/none/at/all/"},
    {"/d//new///file", "/d", "/new/file"},
    {"/dangling", "", "/dangling"},
    {"/d/", "/d", ""},
};

START_TEST(test_resolve)
{
    g_autoptr(FakeHost) fake = fake_host_new();
    g_autofree char *existing = NULL;
    g_autofree char *rest = NULL;

    fake_file(fake, "/d/file", "");
    fake_link(fake, "/link", "/d");
    fake_link(fake, "/dangling", "/nowhere");
    ck_assert_msg(path_resolve(fake->host, resolved[_i].path, &existing, &rest, NULL), "%s",
                  resolved[_i].path);
    ck_assert_msg(g_str_equal(existing, resolved[_i].existing), "%s: %s", resolved[_i].path,
                  existing);
    ck_assert_msg(g_str_equal(rest, resolved[_i].rest), "%s: %s", resolved[_i].path, rest);
}
END_TEST

/* A row that no option leads to, or behind one that always matches first, says nothing. */
START_TEST(test_commandline_keys)
{
    for (const KeyRow *row = commandline_keys; row->option; row++) {
        const OptionRow *option = commandline_option(row->option);
        g_auto(GStrv) kinds = g_strsplit(row->kinds ? row->kinds : "x", " ", -1);

        ck_assert_msg(option || g_str_equal(row->option, "env"), "%s", row->option);
        ck_assert_msg(!option || option->reading == READ_PAIRS || option->reading == READ_INCOMING,
                      "%s", row->option);
        ck_assert_msg(row->key || row->path, "%s: neither key nor path", row->option);
        for (char **kind = kinds; row->key && *kind; kind++)
            ck_assert_msg(commandline_key(row->option, *kind, row->key) == row, "%s: %s",
                          row->option, row->key);
    }
}
END_TEST

START_TEST(test_commandline_options)
{
    for (const OptionRow *row = commandline_options; row->name; row++) {
        ck_assert_msg(commandline_option(row->name) == row, "%s: twice", row->name);
        ck_assert_msg((row->reading == READ_VALUE) == (row->meaning != MEANS_NOTHING), "%s",
                      row->name);
    }
    ck_assert_str_eq(commandline_option("boot-opts")->name, "boot");
    ck_assert_ptr_null(commandline_option("teleport"));
}
END_TEST

/* Opening a device may do something, and who reads from a pipe takes it away from others. */
START_TEST(test_config_that_is_no_file)
{
    static const char xml[] =
        "<domain type='kvm'><name>a</name><uuid>11111111-2222-3333-4444-555555555555</uuid>"
        "<os><type>hvm</type></os><devices><disk type='network'><source protocol='rbd' name='p/i'>"
        "<config file='/srv/pipe'/></source><target dev='vda'/></disk></devices></domain>";
    static const char text[] = "keyring = /srv/keyring\n";
    g_autoptr(FakeHost) fake = fake_host_new();
    g_autofree char *pipe = fake_path(fake, "/srv/pipe");
    g_autoptr(Settings) settings = settings_new();
    g_autoptr(Domain) domain = domain_parse(xml, strlen(xml), NULL);
    g_autoptr(Model) model = NULL;
    int left = 0;
    int fd;

    ck_assert_int_eq(mkfifo(pipe, 0600), 0);
    fd = open(pipe, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    ck_assert_int_eq(write(fd, text, sizeof(text)), (int)sizeof(text));
    model = model_build(domain, fake->host, settings, NULL, NULL);
    ck_assert_ptr_nonnull(model);
    ck_assert_int_eq(ioctl(fd, FIONREAD, &left), 0);
    ck_assert_int_eq(left, (int)sizeof(text));
    close(fd);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("model");
    TCase *tc = tcase_create("model");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tc, test_restricted, 0, G_N_ELEMENTS(restricted));
    tcase_add_loop_test(tc, test_trees, 0, G_N_ELEMENTS(trees));
    tcase_add_loop_test(tc, test_lies_in, 0, G_N_ELEMENTS(places));
    tcase_add_test(tc, test_commandline_keys);
    tcase_add_test(tc, test_commandline_options);
    tcase_add_test(tc, test_config_that_is_no_file);
    tcase_add_loop_test(tc, test_resolve, 0, G_N_ELEMENTS(resolved));
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
