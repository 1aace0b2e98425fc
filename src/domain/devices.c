/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "domain/parse.h"

#include <glib/gi18n-lib.h>

#include "base/error.h"
#include "domain/pool.h"

/* The devices that need few lines each, and the table of all: a new device is a parser and a row here. */

/* ---- filesystem ---- */

static void
clear_filesystem(gpointer device)
{
    DomainFilesystem *fs = device;

    g_free(fs->dir);
    g_free(fs->socket);
    g_free(fs->binary);
    g_free(fs->alias);
    g_free(fs->target);
}

static gboolean
parse_filesystem(xmlNode *node, gpointer device, Domain *domain G_GNUC_UNUSED,
                 GError **error G_GNUC_UNUSED)
{
    DomainFilesystem *fs = device;
    xmlNode *source = xml_child(node, "source");
    g_autofree char *type = xml_attr(node, "type");
    g_autofree char *driver = xml_attr(xml_child(node, "driver"), "type");

    fs->is_mount = !type || g_str_equal(type, "mount");
    if (!driver || g_str_equal(driver, "path"))
        fs->driver = DOMAIN_FS_PATH;
    else if (g_str_equal(driver, "virtiofs"))
        fs->driver = DOMAIN_FS_VIRTIOFS;
    else if (g_str_equal(driver, "mtp"))
        fs->driver = DOMAIN_FS_MTP;
    else
        fs->driver = DOMAIN_FS_OTHER;
    fs->dir = xml_attr(source, "dir");
    fs->socket = xml_attr(source, "socket");
    fs->binary = xml_attr(xml_child(node, "binary"), "path");
    fs->alias = xml_attr(xml_child(node, "alias"), "name");
    fs->target = xml_attr(xml_child(node, "target"), "dir");
    fs->readonly = xml_child(node, "readonly") != NULL;
    fs->idmap = xml_child(node, "idmap") != NULL;
    return TRUE;
}

/* ---- input ---- */

static void
clear_input(gpointer device)
{
    DomainInput *input = device;

    g_free(input->path);
}

static gboolean
parse_input(xmlNode *node, gpointer device, Domain *domain G_GNUC_UNUSED, GError **error)
{
    xmlNode *source = xml_child(node, "source");
    gboolean passthrough = xml_attr_is(node, "type", "passthrough");
    DomainInput *input = device;
    g_autofree char *path = NULL;

    /* the others are the VM's own, and touch nothing here */
    if (!passthrough && !xml_attr_is(node, "type", "evdev")) {
        input->device.kind = DOMAIN_DEVICE_NONE;
        return TRUE;
    }
    path = xml_attr(source, passthrough ? "evdev" : "dev");
    if (!path)
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("line %u: <input>: the path of the event device is missing"),
                              xml_line(node));
    input->path = domain_sanitize_path(path);
    return TRUE;
}

/* ---- memory ---- */

static void
clear_memory(gpointer device)
{
    DomainMemory *memory = device;

    g_free(memory->path);
}

static gboolean
parse_memory(xmlNode *node, gpointer device, Domain *domain G_GNUC_UNUSED, GError **error)
{
    static const struct {
        const char *name;
        DomainMemoryModel model;
        gboolean has_path;
    } models[] = {
        {"nvdimm", DOMAIN_MEMORY_NVDIMM, TRUE},
        {"virtio-pmem", DOMAIN_MEMORY_VIRTIO_PMEM, TRUE},
        {"egm", DOMAIN_MEMORY_EGM, TRUE},
        {"sgx-epc", DOMAIN_MEMORY_SGX_EPC, FALSE},
    };
    DomainMemory *memory = device;
    g_autofree char *model = xml_attr(node, "model");

    memory->model = DOMAIN_MEMORY_OTHER;
    for (gsize i = 0; model && i < G_N_ELEMENTS(models); i++) {
        if (!g_str_equal(model, models[i].name))
            continue;
        memory->model = models[i].model;
        if (!models[i].has_path)
            continue;
        memory->path = xml_text(xml_child(xml_child(node, "source"), "path"));
        if (!memory->path)
            return base_set_error(error, BASE_ERROR_FAILED,
                                  _("line %u: <memory model='%s'>: <source><path> is missing"),
                                  xml_line(node), model);
    }
    return TRUE;
}

/* ---- shmem ---- */

static void
clear_shmem(gpointer device)
{
    DomainShmem *shmem = device;

    g_free(shmem->name);
    g_free(shmem->server_path);
}

static gboolean
parse_shmem(xmlNode *node, gpointer device, Domain *domain G_GNUC_UNUSED, GError **error)
{
    g_autofree char *name = xml_attr(node, "name");
    g_autofree char *model = xml_attr(xml_child(node, "model"), "type");
    g_autofree char *server = xml_attr(xml_child(node, "server"), "path");
    DomainShmem *shmem = device;

    if (!name)
        return base_set_error(error, BASE_ERROR_FAILED, _("line %u: <shmem>: the name is missing"),
                              xml_line(node));
    /* it is a part of a path, and with a slash that could be of another directory (virDomainShmemDefValidate()) */
    if (!pool_name_is_plain(name))
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("line %u: <shmem>: '%s' is not the name of a file"), xml_line(node),
                              name);
    shmem->name = g_steal_pointer(&name);
    shmem->plain = g_strcmp0(model, "ivshmem-plain") == 0;
    shmem->has_model_rule = !model || shmem->plain || g_str_equal(model, "ivshmem") ||
                            g_str_equal(model, "ivshmem-doorbell");
    shmem->server_path = server ? domain_sanitize_path(server) : NULL;
    return TRUE;
}

/* ---- tpm ---- */

static void
clear_tpm(gpointer device)
{
    DomainTpm *tpm = device;

    g_free(tpm->path);
}

/* virDomainTPMBackendType, and where each has a path: an element of <backend>. */
static const struct {
    const char *name;
    DomainTpmType type;
    const char *element;
} tpm_types[] = {
    {"emulator", DOMAIN_TPM_EMULATOR, "source"},
    {"passthrough", DOMAIN_TPM_PASSTHROUGH, "device"},
    {"external", DOMAIN_TPM_EXTERNAL, "source"},
};

static gboolean
parse_tpm(xmlNode *node, gpointer device, Domain *domain G_GNUC_UNUSED,
          GError **error G_GNUC_UNUSED)
{
    xmlNode *backend = xml_child(node, "backend");
    DomainTpm *tpm = device;

    tpm->type = DOMAIN_TPM_OTHER;
    for (gsize i = 0; i < G_N_ELEMENTS(tpm_types); i++) {
        xmlNode *place = xml_child(backend, tpm_types[i].element);

        if (!xml_attr_is(backend, "type", tpm_types[i].name))
            continue;
        tpm->type = tpm_types[i].type;
        tpm->path = xml_attr(place, "path");
        tpm->path_is_dir = xml_attr_is(place, "type", "dir");
    }
    if (xml_attr_is(backend, "version", "1.2"))
        tpm->state_dir = "tpm1.2";
    else if (xml_attr_is(backend, "version", "2.0"))
        tpm->state_dir = "tpm2";
    return TRUE;
}

/* ---- smartcard ---- */

static void
clear_smartcard(gpointer device)
{
    DomainSmartcard *smartcard = device;

    g_free(smartcard->database);
    domain_clear_chardev(&smartcard->chardev);
}

static gboolean
parse_smartcard(xmlNode *node, gpointer device, Domain *domain, GError **error)
{
    g_autofree char *mode = xml_attr(node, "mode");
    g_autofree char *database = xml_text(xml_child(node, "database"));
    DomainSmartcard *smartcard = device;

    smartcard->mode = DOMAIN_SMARTCARD_OTHER;
    if (g_strcmp0(mode, "host") == 0) {
        smartcard->mode = DOMAIN_SMARTCARD_HOST;
    } else if (g_strcmp0(mode, "host-certificates") == 0) {
        smartcard->mode = DOMAIN_SMARTCARD_HOST_CERTIFICATES;
        if (database && *database != '/')
            return base_set_error(error, BASE_ERROR_FAILED,
                                  _("line %u: <smartcard><database>: '%s' is not an absolute path"),
                                  xml_line(node), database);
        smartcard->database = g_steal_pointer(&database);
    } else if (g_strcmp0(mode, "passthrough") == 0) {
        smartcard->mode = DOMAIN_SMARTCARD_PASSTHROUGH;
        return domain_parse_chardev(node, &smartcard->chardev, domain, error);
    }
    return TRUE;
}

/* ---- rng ---- */

static void
clear_rng(gpointer device)
{
    DomainRng *rng = device;

    g_free(rng->file);
    domain_clear_chardev(&rng->egd);
}

static gboolean
parse_rng(xmlNode *node, gpointer device, Domain *domain, GError **error)
{
    xmlNode *backend = xml_child(node, "backend");
    DomainRng *rng = device;

    if (xml_attr_is(backend, "model", "random"))
        rng->file = xml_text(backend);
    /* the daemon that gathers entropy is reached by a character device of any type */
    if (xml_attr_is(backend, "model", "egd"))
        return domain_parse_chardev(backend, &rng->egd, domain, error);
    return TRUE;
}

/* ---- vsock ---- */

static gboolean
parse_vsock(xmlNode *node G_GNUC_UNUSED, gpointer device G_GNUC_UNUSED,
            Domain *domain G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
    return TRUE;
}

/* ---- the table ---- */

const DomainDeviceType domain_device_types[] = {
    {"disk", DOMAIN_DEVICE_DISK, sizeof(DomainDisk), domain_parse_disk, domain_clear_disk},
    {"serial", DOMAIN_DEVICE_SERIAL, sizeof(DomainChardev), domain_parse_chardev,
     domain_clear_chardev},
    {"console", DOMAIN_DEVICE_CONSOLE, sizeof(DomainChardev), domain_parse_chardev,
     domain_clear_chardev},
    {"parallel", DOMAIN_DEVICE_PARALLEL, sizeof(DomainChardev), domain_parse_chardev,
     domain_clear_chardev},
    {"channel", DOMAIN_DEVICE_CHANNEL, sizeof(DomainChardev), domain_parse_chardev,
     domain_clear_chardev},
    {"graphics", DOMAIN_DEVICE_GRAPHICS, sizeof(DomainGraphics), domain_parse_graphics,
     domain_clear_graphics},
    {"hostdev", DOMAIN_DEVICE_HOSTDEV, sizeof(DomainHostdev), domain_parse_hostdev,
     domain_clear_hostdev},
    {"interface", DOMAIN_DEVICE_INTERFACE, sizeof(DomainInterface), domain_parse_interface,
     domain_clear_interface},
    {"filesystem", DOMAIN_DEVICE_FILESYSTEM, sizeof(DomainFilesystem), parse_filesystem,
     clear_filesystem},
    {"input", DOMAIN_DEVICE_INPUT, sizeof(DomainInput), parse_input, clear_input},
    {"memory", DOMAIN_DEVICE_MEMORY, sizeof(DomainMemory), parse_memory, clear_memory},
    {"shmem", DOMAIN_DEVICE_SHMEM, sizeof(DomainShmem), parse_shmem, clear_shmem},
    {"tpm", DOMAIN_DEVICE_TPM, sizeof(DomainTpm), parse_tpm, clear_tpm},
    {"smartcard", DOMAIN_DEVICE_SMARTCARD, sizeof(DomainSmartcard), parse_smartcard,
     clear_smartcard},
    {"rng", DOMAIN_DEVICE_RNG, sizeof(DomainRng), parse_rng, clear_rng},
    {"audio", DOMAIN_DEVICE_AUDIO, sizeof(DomainAudio), domain_parse_audio, domain_clear_audio},
    {"redirdev", DOMAIN_DEVICE_REDIRDEV, sizeof(DomainChardev), domain_parse_chardev,
     domain_clear_chardev},
    {"vsock", DOMAIN_DEVICE_VSOCK, sizeof(DomainDevice), parse_vsock, NULL},
    {NULL},
};
