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

    doc = xmlCtxtReadMemory(parser, data, (int)len, NULL, NULL,
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
    xmlChar *value = node ? xmlGetNoNsProp(node, (const xmlChar *)name) : NULL;
    char *copy = g_strdup((const char *)value);

    xmlFree(value);
    return copy;
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
