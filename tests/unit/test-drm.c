/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "host/drm.h"

#include "base/error.h"
#include "fake-host.h"

START_TEST(test_one_or_none)
{
    static const struct {
        const char *label;
        const char *paths; /* separated by spaces */
        const char *node;
    } rows[] = {
        {"no /dev/dri", "/dev/null", NULL},
        {"no node", "/dev/dri/card0", NULL},
        {"one", "/dev/dri/card0 /dev/dri/renderD128", "/dev/dri/renderD128"},
        {"one further on", "/dev/dri/card1 /dev/dri/renderD131 /dev/dri/by-path/x",
         "/dev/dri/renderD131"},
        {"not nodes",
         "/dev/dri/renderD /dev/dri/renderDxyz /dev/dri/renderD128.old /dev/dri/controlD64", NULL},
        {"/dev/dri is a file", "/dev/dri", NULL},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(FakeHost) fake = fake_host_new();
        g_autoptr(GError) error = NULL;
        g_auto(GStrv) paths = g_strsplit(rows[i].paths, " ", -1);
        g_autofree char *node = NULL;

        for (char **path = paths; *path; path++)
            fake_file(fake, *path, "");
        node = host_drm_render_node(fake->host, &error);
        ck_assert_msg(g_strcmp0(node, rows[i].node) == 0, "%s: %s", rows[i].label,
                      node ? node : "none");
        ck_assert_msg(rows[i].node ? !error
                                   : g_error_matches(error, BASE_ERROR, BASE_ERROR_NOT_FOUND),
                      "%s: %s", rows[i].label, error ? error->message : "no error");
    }
}
END_TEST

/* Of several it is the one that the directory has first, whatever its number. */
START_TEST(test_order_of_the_directory)
{
    static const char *const names[] = {"renderD140", "renderD128", "card0", "renderD129",
                                        "renderD135", "card1",      "x"};
    g_autoptr(FakeHost) fake = fake_host_new();
    g_autofree char *place = fake_path(fake, "/dev/dri");
    g_autofree char *node = NULL;
    GDir *dir;
    const char *first;

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_strconcat("/dev/dri/", names[i], NULL);

        fake_file(fake, path, "");
    }
    dir = g_dir_open(place, 0, NULL);
    do
        first = g_dir_read_name(dir);
    while (!g_str_has_prefix(first, "renderD"));
    node = host_drm_render_node(fake->host, NULL);
    ck_assert_str_eq(node + strlen("/dev/dri/"), first);
    g_dir_close(dir);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("drm");
    TCase *tc = tcase_create("drm");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(tc, test_one_or_none);
    tcase_add_test(tc, test_order_of_the_directory);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
