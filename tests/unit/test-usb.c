/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "host/usb.h"

#include "base/error.h"
#include "fake-host.h"

#define DEVICES "/sys/bus/usb/devices/"

static void
add_attribute(FakeHost *fake, const char *name, const char *attribute, const char *text)
{
    g_autofree char *path = g_strconcat(DEVICES, name, "/", attribute, NULL);

    fake_file(fake, path, text);
}

/* @ids: vendor, product, device number and port, as sysfs has them, separated by spaces */
static void
add_device(FakeHost *fake, const char *name, const char *ids)
{
    const char *const attributes[] = {"idVendor", "idProduct", "devnum", "devpath"};
    g_auto(GStrv) values = g_strsplit(ids, " ", -1);

    for (gsize i = 0; i < G_N_ELEMENTS(attributes); i++) {
        g_autofree char *line = g_strconcat(values[i], "\n", NULL);

        add_attribute(fake, name, attributes[i], line);
    }
}

static FakeHost *
usb_host(void)
{
    FakeHost *fake = fake_host_new();

    add_device(fake, "usb1", "1d6b 0002 1 0");
    add_device(fake, "usb2", "1d6b 0003 1 0");
    add_device(fake, "1-1", "046d c52b 4 1");
    add_device(fake, "1-2", "0781 5567 5 2");
    add_device(fake, "2-1", "0781 5567 2 1");
    add_device(fake, "2-1.4", "1234 0000 130 1.4");
    add_device(fake, "12-3", "beef 0001 7 3");
    fake_dir(fake, DEVICES "1-1:1.0");
    fake_dir(fake, DEVICES "1-0:1.0");
    fake_dir(fake, "/sys/devices/pci0000:00");
    fake_link(fake, DEVICES "5-1", "../../../devices/5-1");
    return fake;
}

static void
check_found(FakeHost *fake, const char *label, const UsbQuery *query, const char *node, int code)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *found = host_usb_find(fake->host, query, &error);

    ck_assert_msg(g_strcmp0(found, node) == 0, "%s: %s, not %s", label, found ? found : "nothing",
                  node ? node : "nothing");
    ck_assert_msg(node ? !error : g_error_matches(error, BASE_ERROR, code), "%s: error %s", label,
                  error ? error->message : "none");
}

START_TEST(test_find)
{
    static const struct {
        const char *label;
        UsbQuery query;
        const char *node;
        int code;
    } rows[] = {
        {"address", {.bus = 1, .device = 4}, "/dev/bus/usb/001/004", 0},
        {"address of a hub's port", {.bus = 2, .device = 130}, "/dev/bus/usb/002/130", 0},
        {"root hub", {.bus = 2, .device = 1}, "/dev/bus/usb/002/001", 0},
        {"two digits of bus", {.bus = 12, .device = 7}, "/dev/bus/usb/012/007", 0},
        {"address, absent", {.bus = 1, .device = 9}, NULL, BASE_ERROR_NOT_FOUND},
        {"address, other bus", {.bus = 2, .device = 4}, NULL, BASE_ERROR_NOT_FOUND},
        {"bus 0", {.device = 4}, NULL, BASE_ERROR_NOT_FOUND},
        {"product, one", {.vendor = 0x46d, .product = 0xc52b}, "/dev/bus/usb/001/004", 0},
        {"product 0", {.vendor = 0x1234}, "/dev/bus/usb/002/130", 0},
        {"product, none", {.vendor = 0x46d, .product = 0xffff}, NULL, BASE_ERROR_NOT_FOUND},
        {"product, two", {.vendor = 0x781, .product = 0x5567}, NULL, BASE_ERROR_FAILED},
        {"product and bus without device",
         {.vendor = 0x46d, .product = 0xc52b, .bus = 2},
         "/dev/bus/usb/001/004",
         0},
        {"product and address, one of two",
         {.vendor = 0x781, .product = 0x5567, .bus = 2, .device = 2},
         "/dev/bus/usb/002/002",
         0},
        {"product and address, neither of two",
         {.vendor = 0x781, .product = 0x5567, .bus = 2, .device = 3},
         NULL,
         BASE_ERROR_NOT_FOUND},
        {"product and another's address",
         {.vendor = 0x46d, .product = 0xc52b, .bus = 2, .device = 2},
         NULL,
         BASE_ERROR_NOT_FOUND},
        {"port", {.bus = 2, .port = "1.4"}, "/dev/bus/usb/002/130", 0},
        {"port, absent", {.bus = 2, .port = "1.5"}, NULL, BASE_ERROR_NOT_FOUND},
        {"port is text", {.bus = 2, .port = "01"}, NULL, BASE_ERROR_NOT_FOUND},
        {"product and port",
         {.vendor = 0x781, .product = 0x5567, .bus = 1, .port = "2"},
         "/dev/bus/usb/001/005",
         0},
        {"product and another's port",
         {.vendor = 0x781, .product = 0x5567, .bus = 1, .port = "1"},
         NULL,
         BASE_ERROR_NOT_FOUND},
        {"hint, right",
         {.vendor = 0x781, .product = 0x5567, .bus = 2, .device = 2, .address_hint = TRUE},
         "/dev/bus/usb/002/002",
         0},
        {"hint, moved",
         {.vendor = 0x46d, .product = 0xc52b, .bus = 2, .device = 3, .address_hint = TRUE},
         "/dev/bus/usb/001/004",
         0},
        {"hint, two elsewhere",
         {.vendor = 0x781, .product = 0x5567, .bus = 2, .device = 3, .address_hint = TRUE},
         NULL,
         BASE_ERROR_FAILED},
        {"hint does not move a port",
         {.vendor = 0x46d, .product = 0xc52b, .bus = 2, .port = "7", .address_hint = TRUE},
         NULL,
         BASE_ERROR_NOT_FOUND},
        {"hint without a vendor",
         {.bus = 1, .device = 77, .address_hint = TRUE},
         NULL,
         BASE_ERROR_NOT_FOUND},
        {"nothing", {.bus = 1}, NULL, BASE_ERROR_FAILED},
    };
    g_autoptr(FakeHost) fake = usb_host();

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        check_found(fake, rows[i].label, &rows[i].query, rows[i].node, rows[i].code);
}
END_TEST

START_TEST(test_message_says_which)
{
    static const struct {
        UsbQuery query;
        const char *what;
    } rows[] = {
        {{.vendor = 0x46d, .product = 0xff}, "046d:00ff"},
        {{.bus = 1, .device = 9}, "bus=1 device=9"},
        {{.vendor = 0x46d, .product = 1, .bus = 1, .device = 9}, "046d:0001 bus=1 device=9"},
        {{.bus = 2, .port = "1.5"}, "bus=2 port=1.5"},
        {{.vendor = 0x781, .product = 0x5567}, "0781:5567"},
    };
    g_autoptr(FakeHost) fake = usb_host();

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;

        ck_assert_ptr_null(host_usb_find(fake->host, &rows[i].query, &error));
        ck_assert_msg(strstr(error->message, rows[i].what), "'%s' in '%s'", rows[i].what,
                      error->message);
    }
}
END_TEST

/* What is in an attribute of the only device, and what becomes of it. */
START_TEST(test_attributes)
{
    static const struct {
        const char *attribute;
        const char *text; /* NULL: unplugged, the file is gone */
        int code;         /* -1: found */
    } rows[] = {
        {"idVendor", "46D\n", -1},
        {"idVendor", "0x046d\n", BASE_ERROR_FAILED},
        {"idVendor", "046dzz\n", BASE_ERROR_FAILED},
        {"idVendor", "-1\n", BASE_ERROR_FAILED},
        {"idVendor", "+46d\n", BASE_ERROR_FAILED},
        {"idVendor", "1046d\n", BASE_ERROR_FAILED},
        {"idVendor", "", BASE_ERROR_FAILED},
        {"idVendor", NULL, BASE_ERROR_NOT_FOUND},
        {"idProduct", "c52b c52b\n", BASE_ERROR_FAILED},
        {"idProduct", NULL, BASE_ERROR_NOT_FOUND},
        {"devnum", "004\n", -1},
        {"devnum", "0x4\n", BASE_ERROR_FAILED},
        {"devnum", "4294967300\n", BASE_ERROR_FAILED},
        {"devnum", "99999999999999999999999\n", BASE_ERROR_FAILED},
        {"devnum", "0\n", BASE_ERROR_NOT_FOUND},
        {"devnum", NULL, BASE_ERROR_NOT_FOUND},
        {"devpath", "../1\n", BASE_ERROR_NOT_FOUND},
        {"devpath", NULL, BASE_ERROR_NOT_FOUND},
    };
    const UsbQuery query = {.vendor = 0x46d, .product = 0xc52b, .bus = 1, .port = "1"};

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(FakeHost) fake = fake_host_new();
        g_autofree char *path = g_strconcat(DEVICES "1-1/", rows[i].attribute, NULL);
        g_autofree char *label =
            g_strdup_printf("%s '%s'", rows[i].attribute, rows[i].text ? rows[i].text : "(gone)");

        add_device(fake, "1-1", "046d c52b 4 1");
        if (rows[i].text)
            fake_file(fake, path, rows[i].text);
        else
            fake_remove(fake, path);
        check_found(fake, label, &query, rows[i].code < 0 ? "/dev/bus/usb/001/004" : NULL,
                    rows[i].code);
    }
}
END_TEST

/* Another entry of the directory, which does not stand in the way of the device that is meant. */
START_TEST(test_neighbours)
{
    static const char *const names[] = {"3-9", "usb",  "usbx",  "usb3x",         "1",    "-1",
                                        "x-1", "1x-1", "usb-1", "99999999999-1", "+1-1", " 1-1"};
    const UsbQuery queries[] = {{.bus = 1, .device = 4}, {.vendor = 0x46d, .product = 0xc52b}};

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(FakeHost) fake = fake_host_new();
        g_autofree char *path = g_strconcat(DEVICES, names[i], NULL);

        add_device(fake, "1-1", "046d c52b 4 1");
        fake_dir(fake, path);
        for (gsize j = 0; j < G_N_ELEMENTS(queries); j++)
            check_found(fake, names[i], &queries[j], "/dev/bus/usb/001/004", 0);
        /* and where it is no device's name, what is in it does not make it one */
        if (i > 0) {
            add_device(fake, names[i], "046d c52b 4 1");
            check_found(fake, names[i], &queries[1], "/dev/bus/usb/001/004", 0);
        }
    }
}
END_TEST

START_TEST(test_no_usb)
{
    g_autoptr(FakeHost) fake = fake_host_new();
    const UsbQuery query = {.bus = 1, .device = 4};

    check_found(fake, "no sysfs", &query, NULL, BASE_ERROR_NOT_FOUND);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("usb");
    TCase *tc = tcase_create("usb");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(tc, test_find);
    tcase_add_test(tc, test_message_says_which);
    tcase_add_test(tc, test_attributes);
    tcase_add_test(tc, test_neighbours);
    tcase_add_test(tc, test_no_usb);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
