/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "domain/xml.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"

typedef xmlParserCtxt XmlParser;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(XmlParser, xmlFreeParserCtxt)

/* Ends the parse at <!DOCTYPE: what follows could define entities that grow without end. */
static void
refuse_dtd(void *data, const xmlChar *name G_GNUC_UNUSED, const xmlChar *id G_GNUC_UNUSED,
           const xmlChar *system G_GNUC_UNUSED)
{
    XmlParser *parser = data;

    *(gboolean *)parser->_private = TRUE;
    xmlStopParser(parser);
}

static void
keep_quiet(void *data G_GNUC_UNUSED, const char *message G_GNUC_UNUSED, ...)
{
}

static void
set_parse_error(GError **error, XmlParser *parser, gboolean has_dtd)
{
    const xmlError *last = xmlCtxtGetLastError(parser);
    g_autofree char *message = NULL;

    if (has_dtd) {
        base_set_error(error, BASE_ERROR_FAILED,
                       _("line %d: a document type definition (<!DOCTYPE) is not accepted"),
                       parser->input ? parser->input->line : 0);
        return;
    }
    if (!last || !last->message) {
        base_set_error(error, BASE_ERROR_FAILED, _("this is not an XML document"));
        return;
    }
    /* one line, whatever the library's message holds */
    message = g_strstrip(g_strdup(last->message));
    g_strdelimit(message, "\n\r", ' ');
    base_set_error(error, BASE_ERROR_FAILED, _("line %d, column %d: %s"), last->line, last->int2,
                   message);
}

/* ---- what would take libxml2 too long ---- */

typedef struct {
    guint namespaces;
    guint nodes;
} Counts;

/* Moves past what begins with @open, to after @close or to the end. */
static gboolean
skip(const char **p, const char *end, const char *open, const char *close)
{
    gsize len = strlen(open);
    const char *found;

    if ((gsize)(end - *p) < len || memcmp(*p, open, len) != 0)
        return FALSE;
    found = memmem(*p + len, (gsize)(end - *p) - len, close, strlen(close));
    *p = found ? found + strlen(close) : end;
    return TRUE;
}

/* Counts in a tag, from its "<" on, and moves to its end. That is before the next "<", which no tag may
 * have, in quotes or not: or what is no XML, and is read on for a while, could hide there. */
static gboolean
check_tag(const char **p, const char *end, Counts *counts)
{
    guint attributes = 0;
    char quote = '\0';
    const char *at;

    for (at = *p + 1; at < end && *at != '<' && (quote || *at != '>'); at++) {
        if (quote) {
            if (*at == quote)
                quote = '\0';
        } else if (*at == '"' || *at == '\'') {
            quote = *at;
        } else if (*at == '=') {
            attributes++;
        } else if (end - at > 5 && memcmp(at, "xmlns", 5) == 0) {
            counts->namespaces++;
        }
    }
    *p = at;
    counts->nodes += attributes;
    return attributes <= LIMIT_XML_ATTRIBUTES && counts->namespaces <= LIMIT_XML_NAMESPACES;
}

/*
 * Looks at the bytes, because libxml2 asks nobody before it has compared all attributes of a tag with one
 * another.
 */
static gboolean
check_bounds(const char *data, gsize len, GError **error)
{
    const char *end = data + len;
    Counts counts = {0};

    for (const char *p = data; (p = memchr(p, '<', (gsize)(end - p)));) {
        if (++counts.nodes > LIMIT_XML_NODES)
            return base_set_error(error, BASE_ERROR_LIMIT,
                                  _("the XML has more than %d tags and attributes"),
                                  LIMIT_XML_NODES);
        if (skip(&p, end, "<!--", "-->") || skip(&p, end, "<![CDATA[", "]]>") ||
            skip(&p, end, "<?", "?>"))
            continue;
        if (!check_tag(&p, end, &counts))
            return base_set_error(error, BASE_ERROR_LIMIT,
                                  _("the XML has an element with more than %d attributes, or more "
                                    "than %d namespaces"),
                                  LIMIT_XML_ATTRIBUTES, LIMIT_XML_NAMESPACES);
    }
    return TRUE;
}

/* ---- parsing ---- */

XmlDoc *
xml_parse(const char *data, gsize len, GError **error)
{
    g_autoptr(XmlParser) parser = NULL;
    g_autoptr(XmlDoc) doc = NULL;
    gboolean has_dtd = FALSE;

    if (len > LIMIT_FILE_BYTES) {
        base_set_error(error, BASE_ERROR_LIMIT, _("the XML is larger than %d bytes"),
                       LIMIT_FILE_BYTES);
        return NULL;
    }
    if (memchr(data, '\0', len)) {
        base_set_error(error, BASE_ERROR_FAILED, _("the XML contains a NUL byte"));
        return NULL;
    }
    if (!check_bounds(data, len, error))
        return NULL;

    parser = xmlNewParserCtxt();
    if (!parser) {
        base_set_error(error, BASE_ERROR_FAILED, _("cannot set up the XML parser"));
        return NULL;
    }
    parser->_private = &has_dtd;
    parser->sax->internalSubset = refuse_dtd;
    parser->sax->error = keep_quiet;
    parser->sax->warning = keep_quiet;
    parser->sax->serror = NULL;

    /* libvirt writes UTF-8; with another encoding, which XML may name, the bytes would be others than
     * those that were counted */
    doc = xmlCtxtReadMemory(parser, data, (int)len, NULL, "UTF-8",
                            XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                                XML_PARSE_NOCDATA | XML_PARSE_BIG_LINES | XML_PARSE_COMPACT);
    if (!doc || !parser->wellFormed || has_dtd || !xmlDocGetRootElement(doc)) {
        set_parse_error(error, parser, has_dtd);
        return NULL;
    }
    return g_steal_pointer(&doc);
}

gboolean
xml_is(xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && node->ns == NULL &&
           strcmp((const char *)node->name, name) == 0;
}

gboolean
xml_is_in(xmlNode *node, const char *uri, const char *name)
{
    return node->type == XML_ELEMENT_NODE && node->ns && node->ns->href &&
           strcmp((const char *)node->ns->href, uri) == 0 &&
           strcmp((const char *)node->name, name) == 0;
}

xmlNode *
xml_child(xmlNode *node, const char *name)
{
    xmlNode *child;

    for (child = node ? node->children : NULL; child; child = child->next)
        if (xml_is(child, name))
            return child;
    return NULL;
}

xmlNode *
xml_next(xmlNode *node)
{
    const char *name = (const char *)node->name;

    for (node = node->next; node; node = node->next)
        if (xml_is(node, name))
            return node;
    return NULL;
}

char *
xml_attr(xmlNode *node, const char *name)
{
    xmlAttr *attr = node ? xmlHasNsProp(node, (const xmlChar *)name, NULL) : NULL;
    xmlChar *value = attr ? xmlGetNoNsProp(node, (const xmlChar *)name) : NULL;
    char *copy = g_strdup((const char *)value);

    xmlFree(value);
    /* the library leaves this member to its user */
    if (attr)
        attr->_private = attr;
    return copy;
}

gboolean
xml_was_read(const xmlAttr *attr)
{
    return attr->_private != NULL;
}

gboolean
xml_has_attr(xmlNode *node, const char *name)
{
    return node && xmlHasProp(node, (const xmlChar *)name) != NULL;
}

gboolean
xml_attr_is(xmlNode *node, const char *name, const char *value)
{
    g_autofree char *is = xml_attr(node, name);

    return g_strcmp0(is, value) == 0;
}

char *
xml_text(xmlNode *node)
{
    xmlChar *value = node ? xmlNodeGetContent(node) : NULL;
    char *copy = value && *value ? g_strdup((const char *)value) : NULL;

    xmlFree(value);
    return copy;
}

guint
xml_line(xmlNode *node)
{
    long line = node ? xmlGetLineNo(node) : 0;

    return line > 0 ? (guint)line : 0;
}

gboolean
xml_attr_uint(xmlNode *node, const char *name, guint base, guint max, guint *out, GError **error)
{
    g_autofree char *text = xml_attr(node, name);
    char *end = NULL;
    unsigned long long value;

    if (!text)
        return TRUE;
    errno = 0;
    value = strtoull(text, &end, (int)base);
    if (errno || end == text || *end || strchr(text, '-') || value > max)
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("line %u: <%s %s='%s'>: not a number from 0 to %u"), xml_line(node),
                              (const char *)node->name, name, text, max);
    *out = (guint)value;
    return TRUE;
}
