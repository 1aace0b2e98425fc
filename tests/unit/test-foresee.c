/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "helper/foresee.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "fake-host.h"

#define LIB LOCALSTATEDIR "/lib/libvirt/qemu/"
#define RUN RUNSTATEDIR "/libvirt/qemu/"

#define OLD     LIB "channel/target"
#define NEW     RUN "channel"
#define RAM     LIB "ram"
#define PAGES   "/dev/hugepages/libvirt/qemu"
#define UFFD    "/dev/userfaultfd"
#define LIBRARY SYSTEM_LIBDIR "/libvirt.so.0"

#define HEAD   "<name>guest</name><uuid>6f2c1a3e-5b7d-4c89-9e0f-1a2b3c4d5e6f</uuid>"
#define TAP    "<devices><interface type='network'/></devices>"
#define MEMORY "<memoryBacking><source type='file'/></memoryBacking>"
#define OWN    LIB "domain-7-guest/{,**} "

static const struct {
    const char *name;
    const char *type;    /* attributes of <domain> */
    const char *xml;     /* in it */
    const char *there;   /* directories and files of the host, with a space between */
    const char *library; /* what LIBRARY links to; NULL: it is not there */
    const char *wanted;  /* each with a space behind */
} rows[] = {
    {"not running", "type='kvm'", HEAD TAP MEMORY, NEW " " RAM, NULL, ""},
    {"no QEMU", "type='lxc' id='7'", HEAD TAP MEMORY, NEW " " RAM, NULL, ""},
    {"nothing known of the host", "type='kvm' id='7'", HEAD TAP MEMORY, "", NULL,
     OWN "/dev/net/tun "},
    {"channels of old", "type='qemu' id='7'", HEAD, OLD, NULL, OWN OLD "/domain-7-guest/{,**} "},
    {"channels", "type='qemu' id='7'", HEAD, NEW, NULL, OWN NEW "/7-guest/{,**} "},
    {"channels, after an update", "type='qemu' id='7'", HEAD, OLD " " NEW, NULL,
     OWN NEW "/7-guest/{,**} "},
    {"memory", "type='kvm' id='7'", HEAD MEMORY, RAM " " PAGES, NULL,
     OWN PAGES "/7-guest/{,**} " RAM "/7-guest/{,**} "},
    {"no huge pages on the host", "type='kvm' id='7'", HEAD MEMORY, RAM, NULL,
     OWN RAM "/7-guest/{,**} "},
    {"memory elsewhere", "type='kvm' id='7'", HEAD, RAM " " PAGES, NULL, OWN},
    {"userfaultfd", "type='kvm' id='7'", HEAD, UFFD, "libvirt.so.0.10001.0", OWN UFFD " "},
    {"a kernel without", "type='kvm' id='7'", HEAD, "", "libvirt.so.0.12008.0", OWN},
    {"a libvirt that does not ask", "type='kvm' id='7'", HEAD, UFFD, "libvirt.so.0.10000.0", OWN},
    {"another library", "type='kvm' id='7'", HEAD, UFFD, "libvirt.so.1.99999.0", OWN},
    {"a name without a version", "type='kvm' id='7'", HEAD, UFFD, "libvirt.so.0.x", OWN},
    {"no library", "type='kvm' id='7'", HEAD, UFFD, NULL, OWN},
    /* the directory is called one way or the other, and either is called wrong here */
    {"two names", "type='kvm' id='7'",
     "<name>B\xc3\xbcro-Arbeitsplatz-Links</name>"
     "<uuid>6f2c1a3e-5b7d-4c89-9e0f-1a2b3c4d5e6f</uuid>" TAP,
     NEW, NULL, "/dev/net/tun "},
    {"a long name", "type='kvm' id='12'",
     "<name>a-name-of-more-than-twenty-bytes</name>"
     "<uuid>6f2c1a3e-5b7d-4c89-9e0f-1a2b3c4d5e6f</uuid>",
     "", NULL, LIB "domain-12-a-name-of-more-than-/{,**} "},
};

static void
furnish(FakeHost *fake, const char *there)
{
    g_auto(GStrv) paths = g_strsplit(there, " ", -1);

    for (char **path = paths; *path; path++)
        if (g_str_equal(*path, UFFD))
            fake_file(fake, *path, "");
        else if (**path)
            fake_dir(fake, *path);
}

START_TEST(test_foresee)
{
    g_autoptr(FakeHost) fake = fake_host_new();
    g_autofree char *xml = g_strdup_printf("<domain %s>%s<os><type>hvm</type></os></domain>",
                                           rows[_i].type, rows[_i].xml);
    g_autoptr(Domain) domain = domain_parse(xml, strlen(xml), NULL);
    g_autoptr(GPtrArray) arguments = NULL;
    g_autoptr(GString) found = g_string_new(NULL);

    ck_assert_msg(domain != NULL, "%s", rows[_i].name);
    furnish(fake, rows[_i].there);
    if (rows[_i].library) {
        g_autofree char *path = g_strconcat(SYSTEM_LIBDIR "/", rows[_i].library, NULL);

        fake_file(fake, path, "");
        fake_link(fake, LIBRARY, rows[_i].library);
    }
    arguments = foresee_arguments(domain, fake->host);
    for (guint i = 0; i < arguments->len; i++)
        g_string_append_printf(found, "%s ", (const char *)g_ptr_array_index(arguments, i));
    ck_assert_msg(g_str_equal(found->str, rows[_i].wanted), "%s: %s", rows[_i].name, found->str);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("foresee");
    TCase *tc = tcase_create("foresee");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tc, test_foresee, 0, G_N_ELEMENTS(rows));
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
