/*
 * fuzz-xml: XML out of an input, and a second opinion on it: XPath's.
 *
 * Hardly any input is XML, but all can be mended into some: that is read, too.
 */
#ifndef VMM_T_FUZZ_XML_H
#define VMM_T_FUZZ_XML_H

#include <libxml/parser.h>
#include <libxml/xpath.h>

#include "base/escape.h"
#include "fuzz.h"
#include "pure/xml.h"

/* <ROOT>TEXT, as well-formed as libxml2 can make it; to be freed. What it could
 * not read is not in there. Empty where that is all. */
static inline char *fuzz_mended(const char *root, const char *text)
{
	AUTOFREE char *open = vmm_sprintf("<%s>%s", root, text);
	AUTODOC doc = xmlReadMemory(open, (int)strlen(open), NULL, "UTF-8",
	    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
		XML_PARSE_RECOVER);
	xmlNode *node = doc ? xmlDocGetRootElement(doc) : NULL;
	AUTOFREE char *mended = node ? vmm_xml_dump(doc, node) : NULL;
	AUTODOC again = mended ? vmm_xml_parse(mended) : NULL;

	return vmm_strdup(again ? mended : "");
}

/* TEXT without what XML cannot hold, or not bring back as it was; to be freed.
 */
static inline char *fuzz_printable(const char *text)
{
	struct vmm_buf out = VMM_BUF_INIT;
	size_t length = strlen(text);

	while (length) {
		uint32_t rune = 0;
		size_t n = vmm_utf8_decode(text, length, &rune);

		if (n && (rune >= ' ' || rune == '\t' || rune == '\r') &&
		    rune != 0xfffe && rune != 0xffff)
			vmm_buf_add(&out, text, n);
		text += n ? n : 1;
		length -= n ? n : 1;
	}
	return vmm_buf_take(&out);
}

/* The same as a domain, to be freed: with TEXT among its devices, unless it has
 * some itself. */
static inline char *fuzz_mended_domain(const char *text)
{
	return fuzz_mended(
	    strstr(text, "<devices") ? "domain" : "domain><devices", text);
}

/* XML that is asked by XPath; with its document. */
static inline xmlXPathContext *fuzz_ask(const char *xml)
{
	xmlXPathContext *asked = xmlXPathNewContext(vmm_xml_parse(xml));

	HOLDS(asked && asked->doc);
	return asked;
}

static inline void fuzz_asked(xmlXPathContext *asked)
{
	xmlFreeDoc(asked->doc);
	xmlXPathFreeContext(asked);
}

DEFINE_CLEANUP(xmlXPathContext *, fuzz_asked)
#define AUTOASK CLEANUP(fuzz_askedp) xmlXPathContext

/* What EXPRESSION is, as a string; to be freed. */
static inline char *fuzz_string(xmlXPathContext *asked, const char *expression)
{
	xmlXPathObject *found = xmlXPathEval(BAD_CAST expression, asked);
	xmlChar *text = xmlXPathCastToString(found);
	char *copy = vmm_strdup((const char *)text);

	HOLDS(found);
	xmlFree(text);
	xmlXPathFreeObject(found);
	return copy;
}

/* And as a number: how many, or whether. */
static inline size_t fuzz_number(xmlXPathContext *asked, const char *expression)
{
	AUTOFREE char *sum = vmm_sprintf("number(%s)", expression);
	AUTOFREE char *text = fuzz_string(asked, sum);

	return strtoul(text, NULL, 10);
}

static inline bool fuzz_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

#endif
