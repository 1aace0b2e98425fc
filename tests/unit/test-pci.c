/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "host/pci.h"

#include "base/error.h"
#include "fake-host.h"

#define DEVICES "/sys/bus/pci/devices/"
#define REAL    "/sys/devices/pci0000:00/"

static void
add_device(FakeHost *fake, const char *name)
{
    static const char *const others[] = {
        "config",
        "class",
        "resource",
        "resource0",
        "resource0_wc",
        "resource2",
        "reset",
        "rom",
        "reset_method",
        "subsystem_vendor",
        "subsystem_device",
        "resource1_resize",
        "revision",
        "irq",
        "enable",
        "configuration",
        "roms",
    };
    g_autofree char *link = g_strconcat(DEVICES, name, NULL);
    g_autofree char *target = g_strconcat("../../../devices/pci0000:00/", name, NULL);
    g_autofree char *vendor = g_strconcat(REAL, name, "/vendor", NULL);
    g_autofree char *device = g_strconcat(REAL, name, "/device", NULL);

    fake_file(fake, vendor, "0x8086\n");
    fake_file(fake, device, "0x15Ab\n");
    for (gsize i = 0; i < G_N_ELEMENTS(others); i++) {
        g_autofree char *path = g_strconcat(REAL, name, "/", others[i], NULL);

        fake_file(fake, path, "");
    }
    fake_link(fake, link, target);
}

START_TEST(test_files)
{
    static const struct {
        PciAddress address;
        const char *name;
    } rows[] = {
        {{.bus = 6, .slot = 0x12, .function = 5}, "0000:06:12.5"},
        {{.slot = 2}, "0000:00:02.0"},
        {{.domain = 0x10000, .bus = 0xff, .slot = 0x1f, .function = 7}, "10000:ff:1f.7"},
    };
    static const char *const files[] = {
        "config",       "device",           "reset",     "resource", "resource0",
        "resource0_wc", "resource1_resize", "resource2", "rom",      "vendor",
    };
    g_autoptr(FakeHost) fake = fake_host_new();

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        g_auto(GStrv) found = NULL;

        add_device(fake, rows[i].name);
        found = host_pci_files(fake->host, &rows[i].address, &error);
        ck_assert_msg(found != NULL, "%s: %s", rows[i].name, error ? error->message : "no error");
        ck_assert_uint_eq(g_strv_length(found), G_N_ELEMENTS(files));
        for (gsize j = 0; j < G_N_ELEMENTS(files); j++) {
            g_autofree char *path = g_strconcat(DEVICES, rows[i].name, "/", files[j], NULL);

            ck_assert_str_eq(found[j], path);
        }
    }
}
END_TEST

START_TEST(test_failures)
{
    static const struct {
        const char *label;
        const char *file;
        const char *text; /* NULL: the file is gone */
        int code;
    } rows[] = {
        {"no config", "config", NULL, BASE_ERROR_NOT_FOUND},
        {"no vendor", "vendor", NULL, BASE_ERROR_NOT_FOUND},
        {"no device", "device", NULL, BASE_ERROR_NOT_FOUND},
        {"vendor without 0x", "vendor", "8086\n", BASE_ERROR_FAILED},
        {"empty vendor", "vendor", "", BASE_ERROR_FAILED},
        {"long vendor", "vendor", "0x80861\n", BASE_ERROR_FAILED},
        {"short vendor", "vendor", "0x808\n", BASE_ERROR_FAILED},
        {"vendor of letters", "vendor", "0xzzzz\n", BASE_ERROR_FAILED},
        {"device of letters", "device", "0x12g4\n", BASE_ERROR_FAILED},
    };
    const PciAddress address = {.bus = 6, .slot = 0x12, .function = 5};

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(FakeHost) fake = fake_host_new();
        g_autoptr(GError) error = NULL;
        g_autofree char *path = g_strconcat(REAL "0000:06:12.5/", rows[i].file, NULL);
        g_auto(GStrv) found = NULL;

        add_device(fake, "0000:06:12.5");
        if (rows[i].text)
            fake_file(fake, path, rows[i].text);
        else
            fake_remove(fake, path);
        found = host_pci_files(fake->host, &address, &error);
        ck_assert_msg(found == NULL, "%s: found", rows[i].label);
        ck_assert_msg(g_error_matches(error, BASE_ERROR, rows[i].code), "%s: %s", rows[i].label,
                      error->message);
        ck_assert_msg(strstr(error->message, "0000:06:12.5"), "%s: %s", rows[i].label,
                      error->message);
    }
}
END_TEST

START_TEST(test_absent)
{
    g_autoptr(FakeHost) fake = fake_host_new();
    g_autoptr(GError) error = NULL;
    const PciAddress address = {.bus = 7};

    ck_assert_ptr_null(host_pci_files(fake->host, &address, &error));
    ck_assert(g_error_matches(error, BASE_ERROR, BASE_ERROR_NOT_FOUND));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("pci");
    TCase *tc = tcase_create("pci");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(tc, test_files);
    tcase_add_test(tc, test_failures);
    tcase_add_test(tc, test_absent);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
