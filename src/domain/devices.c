/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "domain/devices.h"

#include <glib/gi18n-lib.h>

#include "base/error.h"

/* ---- hostdev ---- */

void
domain_hostdev_free(DomainHostdev *dev)
{
    g_free(dev->usb_port);
    g_free(dev);
}

static gboolean
parse_usb(xmlNode *source, DomainHostdev *dev, GError **error)
{
    xmlNode *address = xml_child(source, "address");

    dev->usb_auto = xml_attr_is(source, "autoAddress", "yes");
    dev->usb_port = xml_attr(address, "port");
    return xml_attr_uint(xml_child(source, "vendor"), "id", 0, 0xffff, &dev->usb_vendor, error) &&
           xml_attr_uint(xml_child(source, "product"), "id", 0, 0xffff, &dev->usb_product, error) &&
           xml_attr_uint(address, "bus", 0, G_MAXUINT, &dev->usb_bus, error) &&
           xml_attr_uint(address, "device", 0, G_MAXUINT, &dev->usb_device, error);
}

static gboolean
parse_pci(xmlNode *node, xmlNode *source, DomainHostdev *dev, GError **error)
{
    xmlNode *address = xml_child(source, "address");
    xmlNode *driver = xml_child(node, "driver");
    g_autofree char *name = xml_attr(driver, "name");

    dev->pci_vfio = !name || g_str_equal(name, "vfio");
    /* libvirt looks at iommufd only beside the driver's name */
    dev->pci_iommufd = g_strcmp0(name, "vfio") == 0 && xml_attr_is(driver, "iommufd", "yes");
    return xml_attr_uint(address, "domain", 0, G_MAXUINT, &dev->pci_domain, error) &&
           xml_attr_uint(address, "bus", 0, 0xff, &dev->pci_bus, error) &&
           xml_attr_uint(address, "slot", 0, 0x1f, &dev->pci_slot, error) &&
           xml_attr_uint(address, "function", 0, 7, &dev->pci_function, error);
}

static gboolean
parse_subsystem(xmlNode *node, const char *type, Domain *domain, GError **error)
{
    xmlNode *source = xml_child(node, "source");
    DomainHostdev *dev;

    if (!source)
        return base_set_error(error, BASE_ERROR_FAILED, _("line %u: <%s>: <source> is missing"),
                              xml_line(node), (const char *)node->name);

    dev = g_new0(DomainHostdev, 1);
    dev->line = xml_line(node);
    dev->element = g_intern_string((const char *)node->name);
    g_ptr_array_add(domain->hostdevs, dev);
    if (g_str_equal(type, "usb")) {
        dev->type = DOMAIN_HOSTDEV_USB;
        return parse_usb(source, dev, error);
    }
    if (g_str_equal(type, "pci")) {
        dev->type = DOMAIN_HOSTDEV_PCI;
        return parse_pci(node, source, dev, error);
    }
    dev->type = g_str_equal(type, "mdev") ? DOMAIN_HOSTDEV_MDEV : DOMAIN_HOSTDEV_OTHER;
    return TRUE;
}

gboolean
domain_parse_hostdev(xmlNode *node, Domain *domain, GError **error)
{
    g_autofree char *type = xml_attr(node, "type");

    /* the other mode, capabilities, is LXC's */
    if (xml_attr_is(node, "mode", "capabilities"))
        return TRUE;
    if (!type)
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("line %u: <hostdev>: the type is missing"), xml_line(node));
    return parse_subsystem(node, type, domain, error);
}

/* ---- interface ---- */

void
domain_interface_free(DomainInterface *interface)
{
    g_free(interface->vhostuser_path);
    g_free(interface->model);
    g_free(interface);
}

gboolean
domain_parse_interface(xmlNode *node, Domain *domain, GError **error)
{
    DomainInterface *interface = g_new0(DomainInterface, 1);
    xmlNode *source = xml_child(node, "source");
    g_autofree char *address_type = NULL;

    interface->line = xml_line(node);
    interface->model = xml_attr(xml_child(node, "model"), "type");
    interface->driver_qemu = xml_attr_is(xml_child(node, "driver"), "name", "qemu");
    interface->is_vhostuser = xml_attr_is(node, "type", "vhostuser");
    if (interface->is_vhostuser)
        interface->vhostuser_path = xml_attr(source, "path");
    g_ptr_array_add(domain->interfaces, interface);

    if (!xml_attr_is(node, "type", "hostdev"))
        return TRUE;
    /* such an interface is a host device as well (virDomainNetDefParseXML) */
    address_type = xml_attr(xml_child(source, "address"), "type");
    if (!address_type && xml_child(source, "vendor"))
        address_type = g_strdup("usb");
    if (!address_type)
        return base_set_error(
            error, BASE_ERROR_FAILED,
            _("line %u: <interface type='hostdev'>: the address's type is missing"),
            xml_line(node));
    return parse_subsystem(node, address_type, domain, error);
}

/* ---- filesystem ---- */

void
domain_filesystem_free(DomainFilesystem *fs)
{
    g_free(fs->dir);
    g_free(fs->socket);
    g_free(fs->binary);
    g_free(fs->alias);
    g_free(fs->target);
    g_free(fs);
}

gboolean
domain_parse_filesystem(xmlNode *node, Domain *domain, GError **error G_GNUC_UNUSED)
{
    DomainFilesystem *fs = g_new0(DomainFilesystem, 1);
    xmlNode *source = xml_child(node, "source");
    g_autofree char *type = xml_attr(node, "type");
    g_autofree char *driver = xml_attr(xml_child(node, "driver"), "type");

    fs->line = xml_line(node);
    fs->is_mount = !type || g_str_equal(type, "mount");
    if (!driver || g_str_equal(driver, "path"))
        fs->driver = DOMAIN_FS_PATH;
    else if (g_str_equal(driver, "virtiofs"))
        fs->driver = DOMAIN_FS_VIRTIOFS;
    else
        fs->driver = DOMAIN_FS_OTHER;
    fs->dir = xml_attr(source, "dir");
    fs->socket = xml_attr(source, "socket");
    fs->binary = xml_attr(xml_child(node, "binary"), "path");
    fs->alias = xml_attr(xml_child(node, "alias"), "name");
    fs->target = xml_attr(xml_child(node, "target"), "dir");
    fs->readonly = xml_child(node, "readonly") != NULL;
    g_ptr_array_add(domain->filesystems, fs);
    return TRUE;
}

/* ---- input ---- */

gboolean
domain_parse_input(xmlNode *node, Domain *domain, GError **error)
{
    xmlNode *source = xml_child(node, "source");
    g_autofree char *path = NULL;

    if (xml_attr_is(node, "type", "passthrough"))
        path = xml_attr(source, "evdev");
    else if (xml_attr_is(node, "type", "evdev"))
        path = xml_attr(source, "dev");
    else
        return TRUE;
    if (!path)
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("line %u: <input>: the path of the event device is missing"),
                              xml_line(node));
    g_ptr_array_add(domain->inputs, domain_path_new(node, domain_sanitize_path(path)));
    return TRUE;
}

/* ---- memory ---- */

void
domain_memory_free(DomainMemory *memory)
{
    g_free(memory->path);
    g_free(memory);
}

gboolean
domain_parse_memory(xmlNode *node, Domain *domain, GError **error)
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
    DomainMemory *memory = g_new0(DomainMemory, 1);
    g_autofree char *model = xml_attr(node, "model");

    g_ptr_array_add(domain->memories, memory);
    memory->line = xml_line(node);
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

void
domain_shmem_free(DomainShmem *shmem)
{
    g_free(shmem->name);
    g_free(shmem->server_path);
    g_free(shmem);
}

gboolean
domain_parse_shmem(xmlNode *node, Domain *domain, GError **error)
{
    g_autofree char *name = xml_attr(node, "name");
    g_autofree char *model = xml_attr(xml_child(node, "model"), "type");
    g_autofree char *server = xml_attr(xml_child(node, "server"), "path");
    DomainShmem *shmem;

    if (!name)
        return base_set_error(error, BASE_ERROR_FAILED, _("line %u: <shmem>: the name is missing"),
                              xml_line(node));
    shmem = g_new0(DomainShmem, 1);
    shmem->line = xml_line(node);
    shmem->name = g_steal_pointer(&name);
    shmem->plain = g_strcmp0(model, "ivshmem-plain") == 0;
    shmem->has_model_rule = !model || shmem->plain || g_str_equal(model, "ivshmem") ||
                            g_str_equal(model, "ivshmem-doorbell");
    shmem->server_path = server ? domain_sanitize_path(server) : NULL;
    g_ptr_array_add(domain->shmems, shmem);
    return TRUE;
}

/* ---- tpm ---- */

gboolean
domain_parse_tpm(xmlNode *node, Domain *domain, GError **error G_GNUC_UNUSED)
{
    xmlNode *backend = xml_child(node, "backend");
    DomainTpm *tpm = g_new0(DomainTpm, 1);

    tpm->line = xml_line(node);
    tpm->emulator = xml_attr_is(backend, "type", "emulator");
    if (xml_attr_is(backend, "version", "1.2"))
        tpm->state_dir = "tpm1.2";
    else if (xml_attr_is(backend, "version", "2.0"))
        tpm->state_dir = "tpm2";
    g_ptr_array_add(domain->tpms, tpm);
    return TRUE;
}

/* ---- smartcard ---- */

void
domain_smartcard_free(DomainSmartcard *smartcard)
{
    g_free(smartcard->database);
    g_free(smartcard);
}

gboolean
domain_parse_smartcard(xmlNode *node, Domain *domain, GError **error)
{
    g_autofree char *mode = xml_attr(node, "mode");
    g_autofree char *database = xml_text(xml_child(node, "database"));
    DomainSmartcard *smartcard = g_new0(DomainSmartcard, 1);

    g_ptr_array_add(domain->smartcards, smartcard);
    smartcard->line = xml_line(node);
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
    }
    return TRUE;
}
