/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "domain/parse.h"

#include <glib/gi18n-lib.h>

#include "base/error.h"

/* ---- hostdev ---- */

void
domain_clear_hostdev(gpointer device)
{
    DomainHostdev *dev = device;

    g_free(dev->usb_port);
    g_free(dev->scsi_adapter);
    g_free(dev->rom);
}

/* An empty name is how one says that there is to be no ROM. */
static char *
parse_rom(xmlNode *node)
{
    g_autofree char *file = xml_attr(xml_child(node, "rom"), "file");

    return file && *file ? g_steal_pointer(&file) : NULL;
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

/* virDomainHostdevSubsysSCSIDefParseXML() */
static gboolean
parse_scsi(xmlNode *node, xmlNode *source, DomainHostdev *dev, GError **error)
{
    xmlNode *address = xml_child(source, "address");

    dev->type =
        xml_attr_is(source, "protocol", "iscsi") ? DOMAIN_HOSTDEV_OTHER : DOMAIN_HOSTDEV_SCSI;
    dev->scsi_adapter = xml_attr(xml_child(source, "adapter"), "name");
    dev->readonly = xml_child(node, "readonly") != NULL;
    return xml_attr_uint(address, "bus", 0, G_MAXUINT, &dev->scsi_bus, error) &&
           xml_attr_uint(address, "target", 0, G_MAXUINT, &dev->scsi_target, error) &&
           xml_attr_uint(address, "unit", 0, G_MAXUINT, &dev->scsi_unit, error);
}

static gboolean
parse_subsystem(xmlNode *node, const char *type, DomainHostdev *dev, GError **error)
{
    xmlNode *source = xml_child(node, "source");

    if (!source)
        return base_set_error(error, BASE_ERROR_FAILED, _("line %u: <%s>: <source> is missing"),
                              xml_line(node), (const char *)node->name);

    if (g_str_equal(type, "usb")) {
        dev->type = DOMAIN_HOSTDEV_USB;
        return parse_usb(source, dev, error);
    }
    if (g_str_equal(type, "pci")) {
        dev->type = DOMAIN_HOSTDEV_PCI;
        return parse_pci(node, source, dev, error);
    }
    if (g_str_equal(type, "scsi"))
        return parse_scsi(node, source, dev, error);
    dev->type = DOMAIN_HOSTDEV_OTHER;
    if (g_str_equal(type, "mdev"))
        dev->type = DOMAIN_HOSTDEV_MDEV;
    else if (g_str_equal(type, "scsi_host"))
        dev->type = DOMAIN_HOSTDEV_VHOST_SCSI;
    return TRUE;
}

gboolean
domain_parse_hostdev(xmlNode *node, gpointer device, Domain *domain G_GNUC_UNUSED, GError **error)
{
    DomainHostdev *dev = device;
    g_autofree char *type = xml_attr(node, "type");

    /* the other mode, capabilities, is LXC's, and has no device of the host's sysfs */
    if (xml_attr_is(node, "mode", "capabilities")) {
        dev->device.kind = DOMAIN_DEVICE_NONE;
        return TRUE;
    }
    if (!type)
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("line %u: <hostdev>: the type is missing"), xml_line(node));
    dev->rom = parse_rom(node);
    return parse_subsystem(node, type, dev, error);
}

/* ---- interface ---- */

/* Those for which qemuInterfaceBridgeConnect() or qemuInterfaceEthernetConnect() opens /dev/net/tun. One
 * that is not managed is somebody else's, and may be a macvtap. */
static gboolean
is_tap(xmlNode *node)
{
    return xml_attr_is(node, "type", "network") || xml_attr_is(node, "type", "bridge") ||
           (xml_attr_is(node, "type", "ethernet") &&
            !xml_attr_is(xml_child(node, "target"), "managed", "no"));
}

void
domain_clear_interface(gpointer device)
{
    DomainInterface *interface = device;

    g_free(interface->vhostuser_path);
    g_free(interface->model);
    g_free(interface->rom);
    g_free(interface->alias);
    g_free(interface->vdpa);
    g_free(interface->vhost);
}

gboolean
domain_parse_interface(xmlNode *node, gpointer device, Domain *domain, GError **error)
{
    DomainInterface *interface = device;
    xmlNode *source = xml_child(node, "source");
    xmlNode *backend = xml_child(node, "backend");
    g_autofree char *address_type = NULL;

    interface->model = xml_attr(xml_child(node, "model"), "type");
    interface->is_tap = is_tap(node);
    interface->driver_qemu = xml_attr_is(xml_child(node, "driver"), "name", "qemu");
    interface->rom = parse_rom(node);
    interface->alias = xml_attr(xml_child(node, "alias"), "name");
    interface->is_passt = xml_attr_is(backend, "type", "passt");
    interface->vhost = xml_attr(backend, "vhost");
    if (xml_attr_is(node, "type", "vdpa"))
        interface->vdpa = xml_attr(source, "dev");
    interface->is_vhostuser = xml_attr_is(node, "type", "vhostuser");
    if (interface->is_vhostuser)
        interface->vhostuser_path = xml_attr(source, "path");

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
    return parse_subsystem(node, address_type,
                           domain_add_device(domain, DOMAIN_DEVICE_HOSTDEV, node), error);
}
