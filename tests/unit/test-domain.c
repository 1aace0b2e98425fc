/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "domain/domain.h"

#include <check.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/error.h"
#include "base/limits.h"
#include "domain/parse.h"
#include "domain/xml.h"

#define UUID "00000000-0000-0000-0000-0123456789ab"
#define HEAD \
    "<domain type='kvm' id='7'><name>vm</name><uuid>" UUID "</uuid><os><type>hvm</type></os>"

static const struct {
    const char *name;
    const char *xml;
    const char *message; /* a part of it */
} refused[] = {
    {"empty", "", "Document is empty"},
    {"no XML", "hello", "line 1, column 1"},
    {"cut off", HEAD "\n<devices>", "line 2"},
    {"DTD", "<?xml version='1.0'?>\n<!DOCTYPE domain [<!ENTITY a 'b'>]><domain/>",
     "line 2: a document type"},
    {"external DTD", "<!DOCTYPE domain SYSTEM 'http://localhost/x.dtd'><domain/>", "document type"},
    {"entity", "<domain type='kvm'><name>&who;</name></domain>", "who"},
    {"other root", "<network/>", "<network>, not <domain>"},
    {"namespace", "<d:domain xmlns:d='urn:x'/>", "not <domain>"},
    {"no name", "<domain type='kvm'><uuid>" UUID "</uuid></domain>", "<name> is missing"},
    {"empty name", "<domain type='kvm'><name/><uuid>" UUID "</uuid></domain>", "<name> is missing"},
    {"no UUID", "<domain type='kvm'><name>a</name></domain>", "<uuid> is missing"},
    {"no such UUID", "<domain type='kvm'><name>a</name>\n<uuid>x</uuid></domain>",
     "line 2: <uuid>"},
    {"no type", "<domain><name>a</name><uuid>" UUID "</uuid></domain>", "type is missing"},
    {"no such type", "<domain type='pdp11'><name>a</name><uuid>" UUID "</uuid></domain>", "pdp11"},
    {"no OS type", "<domain type='kvm'><name>a</name><uuid>" UUID "</uuid></domain>", "<os><type>"},
    {"no such OS",
     "<domain type='kvm'><name>a</name><uuid>" UUID "</uuid><os><type>cpm</type></os></domain>",
     "cpm"},
    {"negative id",
     "<domain type='kvm' id='-3'><name>a</name><uuid>" UUID
     "</uuid><os><type>hvm</type></os></domain>",
     "id='-3'"},
    {"PCI slot",
     HEAD "<devices><hostdev type='pci'><source><address "
          "slot='0x20'/></source></hostdev></devices></domain>",
     "slot='0x20'"},
    {"hostdev without source", HEAD "<devices>\n<hostdev type='usb'/></devices></domain>",
     "line 2: <hostdev>"},
    {"input without path", HEAD "<devices><input type='evdev'/></devices></domain>", "<input>"},
    {"memory without path", HEAD "<devices><memory model='nvdimm'/></devices></domain>", "nvdimm"},
    {"shmem without name", HEAD "<devices><shmem/></devices></domain>", "<shmem>"},
    {"shmem elsewhere", HEAD "<devices>\n<shmem name='../sda'/></devices></domain>",
     "line 2: <shmem>: '../sda'"},
    {"shmem above", HEAD "<devices><shmem name='..'/></devices></domain>", "<shmem>: '..'"},
    {"backing without source",
     HEAD "<devices><disk><source file='/a'/><backingStore type='file'/></disk></devices></domain>",
     "<backingStore>"},
};

START_TEST(test_refused)
{
    g_autoptr(GError) error = NULL;
    Domain *domain = domain_parse(refused[_i].xml, strlen(refused[_i].xml), &error);

    ck_assert_msg(domain == NULL, "%s", refused[_i].name);
    ck_assert_msg(strstr(error->message, refused[_i].message) != NULL, "%s: %s", refused[_i].name,
                  error->message);
    ck_assert_msg(strchr(error->message, '\n') == NULL, "%s: more than a line", refused[_i].name);
}
END_TEST

/* @before @part… @after, where %d in @part is a number. */
static const struct {
    const char *name;
    const char *before;
    const char *part;
    guint n;
    const char *after;
    gboolean ok;
} amounts[] = {
    {"attributes", "<a", " a%d=''", LIMIT_XML_ATTRIBUTES, "/>", TRUE},
    {"too many", "<a", " a%d=''", LIMIT_XML_ATTRIBUTES + 1, "/>", FALSE},
    {"far too many", "<a", " a%d=''", 100000, "/>", FALSE},
    {"in many elements", "", "<a%d a='' b=''/>", 1000, "", TRUE},
    {"in quotes", "<a b='x", "=%d>", 1000, "'/>", TRUE},
    {"in text", "<a>", "=%d", 1000, "</a>", TRUE},
    {"in a comment", "<!-- <a ", "a%d=''", 1000, "-->", TRUE},
    {"in CDATA", "<a><![CDATA[<a ", "a%d='' >", 1000, "]]></a>", TRUE},
    {"after a comment", "<!-- ' --><a", " a%d=''", 100000, "/>", FALSE},
    {"after a wrong quote", "<a '><b", " a%d=\"\"", 100000, "/></a>", FALSE},
    {"after an open quote", "<a b='><b", " a%d=\"\"", 100000, "/></a>", FALSE},
    {"namespaces", "", "<a xmlns:a='x%d'/>", LIMIT_XML_NAMESPACES, "", TRUE},
    {"too many namespaces", "", "<a xmlns:a='x%d'/>", LIMIT_XML_NAMESPACES + 1, "", FALSE},
    {"without a prefix", "", "<a xmlns='x%d'/>", LIMIT_XML_NAMESPACES + 1, "", FALSE},
    /* beside two of the element around them */
    {"elements", "", "<a b='%d'/>", (LIMIT_XML_NODES - 2) / 2, "", TRUE},
    {"too many elements", "", "<a b='%d'/>", LIMIT_XML_NODES / 2, "", FALSE},
    {"comments", "", "<!--%d-->", LIMIT_XML_NODES - 2, "", TRUE},
    {"too many comments", "", "<!--%d-->", LIMIT_XML_NODES - 1, "", FALSE},
    {"too many instructions", "", "<?a %d?>", LIMIT_XML_NODES - 1, "", FALSE},
    {"in another encoding", "<?xml version='1.0' encoding='UTF-7'?>+ADw-a", " a%d+AD0-''", 1000,
     "/>", FALSE},
};

START_TEST(test_amounts)
{
    g_autoptr(GString) xml = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(XmlDoc) doc = NULL;
    gboolean declares = g_str_has_prefix(amounts[_i].before, "<?");

    g_string_assign(xml, declares ? "" : "<r>");
    g_string_append(xml, amounts[_i].before);
    for (guint i = 0; i < amounts[_i].n; i++) {
        g_auto(GStrv) parts = g_strsplit(amounts[_i].part, "%d", 2);

        g_string_append_printf(xml, "%s%u%s", parts[0], i, parts[1]);
    }
    g_string_append(xml, amounts[_i].after);
    if (!declares)
        g_string_append(xml, "</r>");
    doc = xml_parse(xml->str, xml->len, &error);
    ck_assert_msg((doc != NULL) == amounts[_i].ok, "%s: %s", amounts[_i].name,
                  error ? error->message : "accepted");
    /* by the count, and not because it is no XML: that was read to its end, and slowly */
    ck_assert_msg(declares || doc || g_error_matches(error, BASE_ERROR, BASE_ERROR_LIMIT), "%s: %s",
                  amounts[_i].name, error->message);
}
END_TEST

/* Of any kind, and one that is nobody's counts as well as one that gets a rule. */
START_TEST(test_limit_of_devices)
{
    for (guint n = LIMIT_DEVICES; n <= LIMIT_DEVICES + 1; n++) {
        g_autoptr(GString) xml = g_string_new(HEAD "<devices>");
        g_autoptr(GError) error = NULL;
        g_autoptr(Domain) domain = NULL;

        for (guint i = 0; i < n; i++)
            g_string_append(xml, i % 2 ? "<disk><source file='/a'/></disk>\n"
                                       : "<rng><backend model='random'>/r</backend></rng>");
        g_string_append(xml, "</devices></domain>");
        domain = domain_parse(xml->str, xml->len, &error);
        ck_assert_msg((domain != NULL) == (n == LIMIT_DEVICES), "%u: %s", n,
                      error ? error->message : "accepted");
        ck_assert(domain || (g_error_matches(error, BASE_ERROR, BASE_ERROR_LIMIT) &&
                             strstr(error->message, "devices")));
    }
}
END_TEST

/* Of the arguments, or of both together; the last one is beyond, and the error says where that is. */
START_TEST(test_limit_of_arguments)
{
    const gsize half = LIMIT_QEMU_BYTES / 2;

    for (gsize more = 0; more <= 1; more++) {
        /* each with the byte that ends it */
        g_autofree char *first = g_strnfill(half - 1, 'a');
        g_autofree char *second = g_strnfill(half - 3 + more, 'b');
        g_autofree char *xml = g_strdup_printf(
            HEAD "<q:commandline xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'>\n"
                 "<q:arg value='%s'/>\n<q:env name='e' value='%s'/></q:commandline></domain>",
            first, second);
        g_autoptr(GError) error = NULL;
        g_autoptr(Domain) domain = domain_parse(xml, strlen(xml), &error);

        ck_assert_msg((domain != NULL) == (more == 0), "%s", error ? error->message : "accepted");
        ck_assert(domain || (g_error_matches(error, BASE_ERROR, BASE_ERROR_LIMIT) &&
                             g_str_has_prefix(error->message, "line 3: ")));
    }
}
END_TEST

START_TEST(test_bounds)
{
    g_autoptr(GString) xml = g_string_new(HEAD);
    g_autoptr(GError) error = NULL;

    for (int i = 0; i < 100000; i++)
        g_string_append(xml, "<a>");
    ck_assert_ptr_null(domain_parse(xml->str, xml->len, &error));
    ck_assert_ptr_nonnull(error);
    g_clear_error(&error);

    g_string_set_size(xml, LIMIT_FILE_BYTES + 1);
    memset(xml->str, ' ', xml->len);
    ck_assert_ptr_null(domain_parse(xml->str, xml->len, &error));
    ck_assert_ptr_nonnull(strstr(error->message, "larger than"));
    g_clear_error(&error);

    ck_assert_ptr_null(domain_parse("<a>\0</a>", 8, &error));
    ck_assert_ptr_nonnull(strstr(error->message, "NUL"));
}
END_TEST

static const struct {
    const char *text;
    const char *uuid;
} uuids[] = {
    {UUID, UUID},
    {" " UUID "\n", UUID},
    {"000000000000000000000123456789AB", UUID},
    {"00 00-00 00 0000 0000 0000 0123456789ab", UUID},
    {"0-0000000000000000000000000123456789a", NULL},
    {UUID "0", NULL},
    {"00000000-0000-0000-0000-0123456789a", NULL},
    {"00000000-0000-0000-0000-0123456789ag", NULL},
    {"", NULL},
};

START_TEST(test_uuids)
{
    g_autofree char *uuid = domain_uuid_canonical(uuids[_i].text);

    ck_assert_msg(g_strcmp0(uuid, uuids[_i].uuid) == 0, "%s: %s", uuids[_i].text, uuid);
}
END_TEST

static const struct {
    const char *path;
    const char *sane;
} sane_paths[] = {
    {"/a//b/", "/a/b"}, {"///a", "/a"}, {"//a", "//a"}, {"/", "/"},
    {"////", "/"},      {"a/b", "a/b"}, {"", ""},       {"nbd://host//x", "nbd://host//x"},
};

START_TEST(test_sanitize)
{
    g_autofree char *path = domain_sanitize_path(sane_paths[_i].path);

    ck_assert_msg(g_str_equal(path, sane_paths[_i].sane), "%s: %s", sane_paths[_i].path, path);
}
END_TEST

static Domain *
parse_devices(const char *devices)
{
    g_autofree char *xml = g_strconcat(HEAD "<devices>", devices, "</devices></domain>", NULL);
    g_autoptr(GError) error = NULL;
    Domain *domain = domain_parse(xml, strlen(xml), &error);

    ck_assert_msg(domain != NULL, "%s", error ? error->message : "");
    return domain;
}

/* What virDomainDefAddConsoleCompat() makes of an HVM guest's first console. */
static const struct {
    const char *name;
    const char *devices;
    guint serials, consoles;
} console_cases[] = {
    {"becomes the serial port", "<console type='file'><source path='/c'/></console>", 1, 0},
    {"gives way to it",
     "<serial type='pty'><source path='/dev/pts/1'/></serial><console type='file'><source "
     "path='/c'/></console>",
     1, 0},
    {"is it",
     "<serial type='pty'><source path='/dev/pts/1'/></serial>"
     "<console type='pty'><source path='/dev/pts/1'/></console>",
     1, 1},
    {"is another one",
     "<serial type='pty'><source path='/s'/></serial>"
     "<console type='file'><source path='/c'/><target type='virtio'/></console>",
     1, 1},
};

START_TEST(test_consoles)
{
    g_autoptr(Domain) domain = parse_devices(console_cases[_i].devices);

    ck_assert_msg(domain_count_devices(domain, DOMAIN_DEVICE_SERIAL) == console_cases[_i].serials,
                  "%s", console_cases[_i].name);
    ck_assert_msg(domain_count_devices(domain, DOMAIN_DEVICE_CONSOLE) == console_cases[_i].consoles,
                  "%s", console_cases[_i].name);
}
END_TEST

/* Elements that are not one device of their own name: how many of which kind they are. */
static const struct {
    const char *name;
    const char *devices;
    DomainDeviceKind kind;
    guint count;
} device_cases[] = {
    {"hostdev", "<hostdev type='mdev'><source/></hostdev>", DOMAIN_DEVICE_HOSTDEV, 1},
    {"LXC's hostdev", "<hostdev mode='capabilities' type='misc'/>", DOMAIN_DEVICE_HOSTDEV, 0},
    {"interface", "<interface type='network'/>", DOMAIN_DEVICE_HOSTDEV, 0},
    {"interface and hostdev",
     "<interface type='hostdev'><source><address type='pci'/></source></interface>",
     DOMAIN_DEVICE_HOSTDEV, 1},
    {"interface and hostdev",
     "<interface type='hostdev'><source><address type='pci'/></source></interface>",
     DOMAIN_DEVICE_INTERFACE, 1},
    {"tablet", "<input type='tablet'/>", DOMAIN_DEVICE_INPUT, 0},
    {"evdev", "<input type='evdev'><source dev='/dev/input/event1'/></input>", DOMAIN_DEVICE_INPUT,
     1},
    {"in two <devices>", "<tpm/></devices><devices><tpm/>", DOMAIN_DEVICE_TPM, 2},
    {"not of ours", "<x:tpm xmlns:x='urn:x'/><tpm/>", DOMAIN_DEVICE_TPM, 1},
};

START_TEST(test_device_counts)
{
    g_autoptr(Domain) domain = parse_devices(device_cases[_i].devices);

    ck_assert_msg(domain_count_devices(domain, device_cases[_i].kind) == device_cases[_i].count,
                  "%s: %u", device_cases[_i].name,
                  domain_count_devices(domain, device_cases[_i].kind));
}
END_TEST

/* Paths that no parser asks for, and what is not to be said. */
static const struct {
    const char *name;
    const char *devices;
    const char *warning; /* a part of the only one; NULL: none */
} unread[] = {
    {"device not known", "<teleporter type='x'>\n<source file='/t'/></teleporter>",
     "line 2: <source file='/t'>"},
    {"attribute of the device itself", "<teleporter path='/t'/>", "<teleporter path='/t'>"},
    {"deep inside", "<teleporter><a><b><c socket='/t'/></b></a></teleporter>", "<c socket='/t'>"},
    {"sub-element not known", "<disk><source file='/a'/><probe dev='/t'/></disk>",
     "<probe dev='/t'>"},
    {"after one that is known", "<disk><source file='/a'/></disk><x dir='/t'/>", "<x dir='/t'>"},
    {"in the second <devices>", "</devices><devices><x evdev='/t'/>", "<x evdev='/t'>"},
    {"known attribute, wrong kind", "<serial type='null'><source path='/t'/></serial>", "'/t'"},
    {"what is known", "<disk><source file='/a'/></disk>", NULL},
    {"no path", "<teleporter><source file='t' dev='eth0' path='a/b' dir=''/></teleporter>", NULL},
    {"the root alone", "<teleporter><source dir='/'/></teleporter>", NULL},
    {"another attribute", "<teleporter><source where='/t'/></teleporter>", NULL},
    {"the guest's", "<filesystem><source dir='/a'/><target dir='/t'/></filesystem>", NULL},
    {"libvirtd's", "<interface type='bridge'><script path='/t'/></interface>", NULL},
    {"virtlogd's", "<serial type='pty'><log file='/t'/></serial>", NULL},
    {"announced", "<disk><source file='/a'/><mirror><source file='/t'/></mirror></disk>", NULL},
    {"another namespace", "<x:y xmlns:x='urn:x' file='/t'/>", NULL},
    {"outside of <devices>", "</devices><metadata><x file='/t'/></metadata><devices>", NULL},
};

START_TEST(test_unread)
{
    g_autoptr(Domain) domain = parse_devices(unread[_i].devices);
    guint expected = unread[_i].warning ? 1 : 0;

    ck_assert_msg(domain->warnings->len == expected, "%s: %u warnings", unread[_i].name,
                  domain->warnings->len);
    if (expected)
        ck_assert_msg(strstr(g_ptr_array_index(domain->warnings, 0), unread[_i].warning) != NULL,
                      "%s: %s", unread[_i].name, (char *)g_ptr_array_index(domain->warnings, 0));
}
END_TEST

START_TEST(test_unread_of_container)
{
    const char *xml =
        "<domain type='lxc'><name>a</name><uuid>" UUID "</uuid><os><type>exe</type></os>"
        "<devices><x file='/t'/></devices></domain>";
    g_autoptr(Domain) domain = domain_parse(xml, strlen(xml), NULL);

    ck_assert_int_eq(domain->warnings->len, 0);
}
END_TEST

START_TEST(test_unknown_disk)
{
    g_autoptr(Domain) domain = parse_devices("<disk type='tape'><source reel='/t'/></disk>");

    ck_assert_int_eq(domain->warnings->len, 1);
    ck_assert_ptr_nonnull(strstr(g_ptr_array_index(domain->warnings, 0), "tape"));
}
END_TEST

#define QEMU "xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'"

START_TEST(test_commandline)
{
    const char *xml =
        HEAD "<q:commandline " QEMU ">\n<q:arg value='-a'/><q:arg value=''/><q:arg/>"
             "<q:env name='N' value='v'/><q:env name='M'/></q:commandline>"
             "<q:override " QEMU "><q:device alias='d'><q:frontend>\n"
             "<q:property name='p' type='string' value='w'/>"
             "<q:property name='r' type='remove'/>"
             "</q:frontend></q:device></q:override>"
             "<q:commandline " QEMU "><q:arg value='-b'/></q:commandline>"
             "<commandline><arg value='-c'/></commandline>"
             "<o:commandline xmlns:o='urn:o'><o:arg value='-d'/></o:commandline></domain>";
    g_autoptr(GError) error = NULL;
    g_autoptr(Domain) domain = domain_parse(xml, strlen(xml), &error);
    const DomainSetting *setting;

    ck_assert_ptr_nonnull(domain);
    ck_assert_uint_eq(domain->qemu_arguments->len, 3);
    setting = g_ptr_array_index(domain->qemu_arguments, 0);
    ck_assert_uint_eq(setting->line, 2);
    ck_assert_str_eq(setting->value, "-a");
    setting = g_ptr_array_index(domain->qemu_arguments, 1);
    ck_assert_str_eq(setting->value, "");
    setting = g_ptr_array_index(domain->qemu_arguments, 2);
    ck_assert_str_eq(setting->value, "-b");
    ck_assert_uint_eq(domain->qemu_environment->len, 1);
    setting = g_ptr_array_index(domain->qemu_environment, 0);
    ck_assert_str_eq(setting->name, "N");
    ck_assert_uint_eq(domain->qemu_properties->len, 1);
    setting = g_ptr_array_index(domain->qemu_properties, 0);
    ck_assert_uint_eq(setting->line, 3);
    ck_assert_str_eq(setting->name, "p");
    ck_assert_str_eq(setting->value, "w");
}
END_TEST

START_TEST(test_lines)
{
    g_autoptr(Domain) domain = parse_devices("\n\n<disk><source file='/a'/></disk>\n<tpm/>");

    const DomainDevice *device;
    guint at = 0;

    device = domain_next_device(domain, DOMAIN_DEVICE_DISK, &at);
    ck_assert_uint_eq(device->line, 3);
    ck_assert_str_eq(device->element, "disk");
    ck_assert_ptr_null(domain_next_device(domain, DOMAIN_DEVICE_DISK, &at));
    at = 0;
    device = domain_next_device(domain, DOMAIN_DEVICE_TPM, &at);
    ck_assert_uint_eq(device->line, 4);
}
END_TEST

#define BACKING(inside) "<memoryBacking>" inside "</memoryBacking>"
#define CELL(attrs) \
    "<cpu><numa><cell id='0' memory='1'/><cell id='1' memory='1' " attrs "/></numa></cpu>"
#define DEVICE(inside) "<devices>" inside "</devices>"
#define SHARED         "<access mode='shared'/>"

/* What libvirt's qemuProcessNeedMemoryBackingPath() and qemuProcessNeedHugepagesPath() say, and
 * qemuBuildMemoryBackendProps() does. */
static const struct {
    const char *name;
    const char *xml; /* in <domain> */
    gboolean in_files;
} memory_cases[] = {
    {"nothing", "", FALSE},
    {"empty backing", BACKING(""), FALSE},
    {"locked", BACKING("<locked/><nosharepages/>"), FALSE},
    {"file", BACKING("<source type='file'/>"), TRUE},
    {"memfd", BACKING("<source type='memfd'/>"), FALSE},
    {"anonymous", BACKING("<source type='anonymous'/>"), FALSE},
    {"shared", BACKING(SHARED), TRUE},
    {"private", BACKING("<access mode='private'/>"), TRUE},
    {"shared file", BACKING("<source type='file'/>" SHARED), TRUE},
    {"shared memfd", BACKING("<source type='memfd'/>" SHARED), FALSE},
    {"shared anonymous", BACKING("<source type='anonymous'/>" SHARED), TRUE},
    {"huge pages", BACKING("<hugepages/>"), TRUE},
    {"huge pages of a size", BACKING("<hugepages><page size='1' unit='G'/></hugepages>"), TRUE},
    {"huge pages in a memfd", BACKING("<hugepages/><source type='memfd'/>" SHARED), FALSE},
    {"huge pages in files", BACKING("<hugepages/><source type='file'/>"), TRUE},
    {"NUMA", CELL(""), FALSE},
    {"NUMA, shared", CELL("memAccess='shared'"), TRUE},
    {"NUMA, private", CELL("memAccess='private'"), TRUE},
    {"NUMA, shared, memfd", BACKING("<source type='memfd'/>") CELL("memAccess='shared'"), FALSE},
    {"dimm", DEVICE("<memory model='dimm'><target/></memory>"), FALSE},
    {"shared dimm", DEVICE("<memory model='dimm' access='shared'/>"), TRUE},
    {"second dimm", DEVICE("<memory model='dimm'/><memory model='dimm' access='private'/>"), TRUE},
    {"virtio-mem", DEVICE("<memory model='virtio-mem' access='shared'/>"), TRUE},
    {"dimm of huge pages",
     DEVICE("<memory model='dimm'><source><pagesize unit='KiB'>2048</pagesize></source></memory>"),
     TRUE},
    {"nodes of a dimm",
     DEVICE("<memory model='dimm'><source><nodemask>1</nodemask></source></memory>"), FALSE},
    {"shared dimm in a memfd",
     BACKING("<source type='memfd'/>") DEVICE("<memory model='dimm' access='shared'/>"), FALSE},
    {"nvdimm", DEVICE("<memory model='nvdimm'><source><path>/n</path></source></memory>"), FALSE},
};

START_TEST(test_memory_in_files)
{
    g_autofree char *xml = g_strconcat(HEAD, memory_cases[_i].xml, "</domain>", NULL);
    g_autoptr(Domain) domain = domain_parse(xml, strlen(xml), NULL);

    ck_assert_msg(domain != NULL, "%s", memory_cases[_i].name);
    ck_assert_msg(domain->memory_in_files == memory_cases[_i].in_files, "%s",
                  memory_cases[_i].name);
}
END_TEST

/* What libvirt asks of a domain with a virtiofs device. */
static const struct {
    const char *name;
    const char *xml; /* in <domain> */
    gboolean shared;
} memory_access[] = {
    {"nothing", "", FALSE},
    {"file", BACKING("<source type='file'/>"), FALSE},
    {"private", BACKING("<access mode='private'/>"), FALSE},
    {"access without a mode", BACKING("<access/>"), FALSE},
    {"shared", BACKING(SHARED), TRUE},
    {"shared memfd", BACKING("<source type='memfd'/>" SHARED), TRUE},
    {"one node", CELL("memAccess='shared'"), FALSE},
    {"one node, all shared", BACKING(SHARED) CELL("memAccess='shared'"), TRUE},
    {"nodes without a mode", BACKING(SHARED) CELL(""), TRUE},
    {"a private node", BACKING(SHARED) CELL("memAccess='private'"), FALSE},
    {"the only node", "<cpu><numa><cell id='0' memory='1' memAccess='shared'/></numa></cpu>", TRUE},
    {"shared dimm", DEVICE("<memory model='dimm' access='shared'/>"), FALSE},
};

START_TEST(test_memory_shared)
{
    g_autofree char *xml = g_strconcat(HEAD, memory_access[_i].xml, "</domain>", NULL);
    g_autoptr(Domain) domain = domain_parse(xml, strlen(xml), NULL);

    ck_assert_msg(domain != NULL, "%s", memory_access[_i].name);
    ck_assert_msg(domain->memory_shared == memory_access[_i].shared, "%s", memory_access[_i].name);
}
END_TEST

/* The two questions themselves: which directories libvirtd makes and announces. */
static const struct {
    const char *name;
    const char *xml; /* in <domain> */
    gboolean files, hugepages;
} memory_dirs[] = {
    {"nothing", "", FALSE, FALSE},
    {"file", BACKING("<source type='file'/>"), TRUE, TRUE},
    {"memfd", BACKING("<source type='memfd'/>"), FALSE, FALSE},
    {"shared memfd", BACKING("<source type='memfd'/>" SHARED), TRUE, FALSE},
    {"shared", BACKING(SHARED), TRUE, FALSE},
    {"access without a mode", BACKING("<access/>"), FALSE, FALSE},
    {"huge pages", BACKING("<hugepages/>"), FALSE, TRUE},
    {"huge pages in a memfd", BACKING("<hugepages/><source type='memfd'/>" SHARED), TRUE, TRUE},
    {"huge pages of a size", BACKING("<hugepages><page size='2048' unit='KiB'/></hugepages>"),
     FALSE, TRUE},
    {"ordinary pages", BACKING("<hugepages><page size='4' unit='KiB'/></hugepages>"), FALSE, FALSE},
    {"ordinary pages of some processors",
     BACKING("<hugepages><page size='64' unit='KiB'/></hugepages>"), FALSE, FALSE},
    {"both",
     BACKING("<hugepages><page size='4' unit='KiB' nodeset='0'/>"
             "<page size='1048576' unit='KiB' nodeset='1'/></hugepages>"),
     FALSE, TRUE},
    {"a unit that libvirt does not write",
     BACKING("<hugepages><page size='2048' unit='B'/></hugepages>"), FALSE, FALSE},
    {"NUMA, shared", CELL("memAccess='shared'"), TRUE, FALSE},
    {"dimm of huge pages",
     DEVICE("<memory model='dimm'><source><pagesize unit='KiB'>2048</pagesize></source></memory>"),
     FALSE, FALSE},
};

START_TEST(test_memory_dirs)
{
    g_autofree char *xml = g_strconcat(HEAD, memory_dirs[_i].xml, "</domain>", NULL);
    g_autoptr(Domain) domain = domain_parse(xml, strlen(xml), NULL);

    ck_assert_msg(domain != NULL, "%s", memory_dirs[_i].name);
    ck_assert_msg(domain->memory_dir == memory_dirs[_i].files, "%s: files", memory_dirs[_i].name);
    ck_assert_msg(domain->hugepages_dir == memory_dirs[_i].hugepages, "%s: huge pages",
                  memory_dirs[_i].name);
}
END_TEST

/* For which libvirtd opens /dev/net/tun. */
static const struct {
    const char *xml; /* after "<interface type=" */
    gboolean is_tap;
} interfaces[] = {
    {"'network'/>", TRUE},
    {"'bridge'/>", TRUE},
    {"'ethernet'/>", TRUE},
    {"'ethernet'><target dev='tap0'/></interface>", TRUE},
    {"'ethernet'><target dev='tap0' managed='no'/></interface>", FALSE},
    {"'direct'/>", FALSE},
    {"'user'/>", FALSE},
    {"'vhostuser'/>", FALSE},
    {"'vdpa'/>", FALSE},
    {"'server'/>", FALSE},
    {"'udp'/>", FALSE},
};

START_TEST(test_taps)
{
    g_autofree char *xml = g_strconcat(HEAD "<devices><interface type=", interfaces[_i].xml,
                                       "</devices></domain>", NULL);
    g_autoptr(Domain) domain = domain_parse(xml, strlen(xml), NULL);
    const DomainInterface *interface;
    guint at = 0;

    ck_assert_msg(domain != NULL, "%s", interfaces[_i].xml);
    interface = domain_next_device(domain, DOMAIN_DEVICE_INTERFACE, &at);
    ck_assert_ptr_nonnull(interface);
    ck_assert_msg(interface->is_tap == interfaces[_i].is_tap, "%s", interfaces[_i].xml);
}
END_TEST

/* Every name that a libvirtd gives, by bytes and, if that is another, by characters, in any locale. */
static const struct {
    const char *name;
    const char *domain;
    const char *short_names[2];
} short_names[] = {
    {"ASCII", "vm", {"7-vm", NULL}},
    {"20 of ASCII", "abcdefghijklmnopqrst", {"7-abcdefghijklmnopqrst", NULL}},
    {"21 of ASCII", "abcdefghijklmnopqrstu", {"7-abcdefghijklmnopqrst", NULL}},
    {"short umlaut", "B\303\274ro", {"7-B\303\274ro", NULL}},
    {"20 bytes with umlaut", "B\303\274ro-Arbeitsplatz-L", {"7-B\303\274ro-Arbeitsplatz-L", NULL}},
    {"21 bytes with umlaut",
     "B\303\274ro-Arbeitsplatz-Li",
     {"7-B\303\274ro-Arbeitsplatz-L", "7-B\303\274ro-Arbeitsplatz-Li"}},
    {"20 characters with umlaut",
     "B\303\274ro-Arbeitsplatz-Li",
     {"7-B\303\274ro-Arbeitsplatz-L", "7-B\303\274ro-Arbeitsplatz-Li"}},
    {"6 of Chinese",
     "\344\275\240\345\245\275\344\270\226\347\225\214\350\231\232\346\213\237",
     {"7-\344\275\240\345\245\275\344\270\226\347\225\214\350\231\232\346\213\237", NULL}},
    {"7 of Chinese",
     "\344\275\240\345\245\275\344\270\226\347\225\214\350\231\232\346\213\237\346\234\272",
     {"7-\344\275\240\345\245\275\344\270\226\347\225\214\350\231\232\346\213\237\346\234",
      "7-\344\275\240\345\245\275\344\270\226\347\225\214\350\231\232\346\213\237\346\234\272"}},
    {"20 of Chinese",
     "\344\275\240\345\245\275\344\270\226\347\225\214\350\231\232\346\213\237\346\234\272\350\231"
     "\232\346\213\237\346\234\272\345\214\227\344\272\254\344\270\212\346\265\267\345\271\277\345"
     "\267\236\346\267\261\345\234\263\345\244\251\346\264\245",
     {"7-\344\275\240\345\245\275\344\270\226\347\225\214\350\231\232\346\213\237\346\234",
      "7-"
      "\344\275\240\345\245\275\344\270\226\347\225\214\350\231\232\346\213\237\346\234\272\350\231"
      "\232\346\213\237\346\234\272\345\214\227\344\272\254\344\270\212\346\265\267\345\271\277\345"
      "\267\236\346\267\261\345\234\263\345\244\251\346\264\245"}},
    {"21 of Chinese",
     "\344\275\240\345\245\275\344\270\226\347\225\214\350\231\232\346\213\237\346\234\272\350\231"
     "\232\346\213\237\346\234\272\345\214\227\344\272\254\344\270\212\346\265\267\345\271\277\345"
     "\267\236\346\267\261\345\234\263\345\244\251\346\264\245\351\227\250",
     {"7-\344\275\240\345\245\275\344\270\226\347\225\214\350\231\232\346\213\237\346\234",
      "7-"
      "\344\275\240\345\245\275\344\270\226\347\225\214\350\231\232\346\213\237\346\234\272\350\231"
      "\232\346\213\237\346\234\272\345\214\227\344\272\254\344\270\212\346\265\267\345\271\277\345"
      "\267\236\346\267\261\345\234\263\345\244\251\346\264\245"}},
    {"5 emoji",
     "\360\237\230\200\360\237\230\200\360\237\230\200\360\237\230\200\360\237\230\200",
     {"7-\360\237\230\200\360\237\230\200\360\237\230\200\360\237\230\200\360\237\230\200", NULL}},
    {"6 emoji",
     "\360\237\230\200\360\237\232\200\360\237\230\200\360\237\232\200\360\237\230\200\360\237\232"
     "\200",
     {"7-\360\237\230\200\360\237\232\200\360\237\230\200\360\237\232\200\360\237\230\200",
      "7-"
      "\360\237\230\200\360\237\232\200\360\237\230\200\360\237\232\200\360\237\230\200\360\237\232"
      "\200"}},
    {"21 emoji",
     "\360\237\230\200\360\237\230\200\360\237\230\200\360\237\230\200\360\237\230\200\360\237\230"
     "\200\360\237\230\200\360\237\230\200\360\237\230\200\360\237\230\200\360\237\230\200\360\237"
     "\230\200\360\237\230\200\360\237\230\200\360\237\230\200\360\237\230\200\360\237\230\200\360"
     "\237\230\200\360\237\230\200\360\237\230\200\360\237\230\200",
     {"7-\360\237\230\200\360\237\230\200\360\237\230\200\360\237\230\200\360\237\230\200",
      "7-"
      "\360\237\230\200\360\237\230\200\360\237\230\200\360\237\230\200\360\237\230\200\360\237\230"
      "\200\360\237\230\200\360\237\230\200\360\237\230\200\360\237\230\200\360\237\230\200\360\237"
      "\230\200\360\237\230\200\360\237\230\200\360\237\230\200\360\237\230\200\360\237\230\200\360"
      "\237\230\200\360\237\230\200\360\237\230\200"}},
    {"combining",
     "e\314\201e\314\201e\314\201e\314\201e\314\201e\314\201e\314\201e\314\201e\314\201e\314\201",
     {"7-e\314\201e\314\201e\314\201e\314\201e\314\201e\314\201e\314",
      "7-"
      "e\314\201e\314\201e\314\201e\314\201e\314\201e\314\201e\314\201e\314\201e\314\201e\314"
      "\201"}},
    {"combining, cut before the accent",
     "abe\314\201e\314\201e\314\201e\314\201e\314\201e\314\201e\314\201e\314\201e\314\201e\314\201",
     {"7-abe\314\201e\314\201e\314\201e\314\201e\314\201e\314\201",
      "7-abe\314\201e\314\201e\314\201e\314\201e\314\201e\314\201e\314\201e\314\201e\314\201"}},
    {"umlaut after the cut", "abcdefghijklmnopqrst\303\274", {"7-abcdefghijklmnopqrst", NULL}},
    {"umlaut across the cut",
     "abcdefghijklmnopqrs\303\274x",
     {"7-abcdefghijklmnopqrs\303", "7-abcdefghijklmnopqrs\303\274"}},
    {"not UTF-8", "abcdefghijklmnopqrs\303\050\303", {"7-abcdefghijklmnopqrs\303", NULL}},
};

static const char *const locales[] = {"C", "C.UTF-8"};

START_TEST(test_short_names)
{
    Domain domain = {.name = (char *)short_names[_i].domain, .id = 7};

    for (gsize l = 0; l < G_N_ELEMENTS(locales); l++) {
        g_auto(GStrv) names = NULL;

        ck_assert_ptr_nonnull(setlocale(LC_ALL, locales[l]));
        names = domain_short_names(domain.id, domain.name);
        ck_assert_msg(g_str_equal(names[0], short_names[_i].short_names[0]), "%s: %s",
                      short_names[_i].name, names[0]);
        ck_assert_msg(g_strcmp0(names[1], short_names[_i].short_names[1]) == 0, "%s: %s",
                      short_names[_i].name, names[1] ? names[1] : "only one");
        ck_assert_msg(!names[1] || !names[2], "%s: more than two", short_names[_i].name);
    }
    setlocale(LC_ALL, "C");
}
END_TEST

/* What libvirt does itself, with the C library's own conversion: see domain/names.c. */
START_TEST(test_short_names_like_libvirt)
{
    Domain domain = {.name = (char *)short_names[_i].domain, .id = 7};
    g_auto(GStrv) names = domain_short_names(domain.id, domain.name);

    for (gsize l = 0; l < G_N_ELEMENTS(locales); l++) {
        g_autofree char *expected = NULL;
        wchar_t wide[21] = {0};
        char narrow[21 * 4 + 1] = "";
        size_t n;

        ck_assert_ptr_nonnull(setlocale(LC_ALL, locales[l]));
        n = mbstowcs(NULL, domain.name, 0);
        if (n == (size_t)-1 || n == strlen(domain.name)) {
            expected = g_strdup_printf("7-%.20s", domain.name);
        } else {
            ck_assert(mbstowcs(wide, domain.name, 20) != (size_t)-1);
            ck_assert(wcstombs(narrow, wide, sizeof(narrow) - 1) != (size_t)-1);
            expected = g_strdup_printf("7-%s", narrow);
        }
        ck_assert_msg(g_strv_contains((const char *const *)names, expected), "%s in %s: %s",
                      short_names[_i].name, locales[l], expected);
    }
    setlocale(LC_ALL, "C");
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("domain");
    TCase *tc = tcase_create("domain");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tc, test_refused, 0, G_N_ELEMENTS(refused));
    tcase_add_loop_test(tc, test_amounts, 0, G_N_ELEMENTS(amounts));
    tcase_add_test(tc, test_limit_of_devices);
    tcase_add_test(tc, test_limit_of_arguments);
    tcase_add_test(tc, test_bounds);
    tcase_add_loop_test(tc, test_uuids, 0, G_N_ELEMENTS(uuids));
    tcase_add_loop_test(tc, test_sanitize, 0, G_N_ELEMENTS(sane_paths));
    tcase_add_loop_test(tc, test_consoles, 0, G_N_ELEMENTS(console_cases));
    tcase_add_loop_test(tc, test_device_counts, 0, G_N_ELEMENTS(device_cases));
    tcase_add_test(tc, test_unknown_disk);
    tcase_add_test(tc, test_unread_of_container);
    tcase_add_test(tc, test_commandline);
    tcase_add_loop_test(tc, test_unread, 0, G_N_ELEMENTS(unread));
    tcase_add_test(tc, test_lines);
    tcase_add_loop_test(tc, test_memory_in_files, 0, G_N_ELEMENTS(memory_cases));
    tcase_add_loop_test(tc, test_memory_shared, 0, G_N_ELEMENTS(memory_access));
    tcase_add_loop_test(tc, test_memory_dirs, 0, G_N_ELEMENTS(memory_dirs));
    tcase_add_loop_test(tc, test_taps, 0, G_N_ELEMENTS(interfaces));
    tcase_add_loop_test(tc, test_short_names, 0, G_N_ELEMENTS(short_names));
    tcase_add_loop_test(tc, test_short_names_like_libvirt, 0, G_N_ELEMENTS(short_names));
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
