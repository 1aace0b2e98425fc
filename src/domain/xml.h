/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Bytes → XML tree, and the few questions that the parsers of elements ask of it.
 *
 * The document comes from libvirtd, or from whoever calls the helper by hand; either way it is not
 * trusted. It has no DTD and therefore no entities but XML's own five, nothing is fetched, and
 * libxml2's own bound on nesting (256) holds.
 */

#include <glib.h>
#include <libxml/tree.h>

typedef xmlDoc XmlDoc;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(XmlDoc, xmlFreeDoc)

/**
 * xml_parse:
 * @data: (array length=len): a whole document
 * @error: says the line and column where it can
 * Returns: (transfer full): the tree, or NULL with @error set
 */
XmlDoc *xml_parse(const char *data, gsize len, GError **error);

/**
 * xml_child:
 * Returns: (nullable): the first child element of @node called @name, in no namespace, as the XPath
 *   "./NAME[1]" finds it. @node may be NULL.
 */
xmlNode *xml_child(xmlNode *node, const char *name);

/** xml_next: the next element after @node with its name, in no namespace. */
xmlNode *xml_next(xmlNode *node);

/** Whether @node is an element of no namespace called @name. */
gboolean xml_is(xmlNode *node, const char *name);

/** xml_is_in: whether @node is an element called @name of the namespace @uri. */
gboolean xml_is_in(xmlNode *node, const char *uri, const char *name);

/**
 * xml_attr:
 * Returns: (transfer full) (nullable): the value of attribute @name. @node may be NULL.
 */
char *xml_attr(xmlNode *node, const char *name);

/** xml_was_read: whether the value of @attr was asked for by xml_attr() and what stands on it. */
gboolean xml_was_read(const xmlAttr *attr);

/** xml_has_attr: whether attribute @name is there. */
gboolean xml_has_attr(xmlNode *node, const char *name);

/** xml_attr_is: whether attribute @name is there and has the value @value. */
gboolean xml_attr_is(xmlNode *node, const char *name, const char *value);

/**
 * xml_text:
 * Returns: (transfer full) (nullable): all text below @node, or NULL when @node is NULL or it is empty
 */
char *xml_text(xmlNode *node);

/** xml_line: the line that @node begins on, for messages. */
guint xml_line(xmlNode *node);

/**
 * xml_attr_uint:
 * Parses attribute @name as an unsigned number, decimal, 0x or 0 octal when @base is 0, as libvirt's
 * virXMLPropUInt() does.
 * @out is untouched when the attribute is not there.
 */
gboolean
xml_attr_uint(xmlNode *node, const char *name, guint base, guint max, guint *out, GError **error);
