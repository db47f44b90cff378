/* xml: hides libxml2's options and its own memory. */
#include "pure/xml.h"

#include <limits.h>
#include <string.h>

#include "base/alloc.h"

xmlDocPtr vmm_xml_parse(const char *text)
{
	size_t length = strlen(text);

	if (length > INT_MAX)
		return NULL;
	/* libvirt speaks UTF-8; libxml2 would complain of others by itself */
	return xmlReadMemory(text, (int)length, NULL, "UTF-8",
	    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
}

bool vmm_xml_is(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE &&
	       strcmp((const char *)node->name, name) == 0;
}

xmlNode *vmm_xml_from(xmlNode *node, const char *name)
{
	while (node && !vmm_xml_is(node, name))
		node = node->next;
	return node;
}

xmlNode *vmm_xml_child(const xmlNode *node, const char *name)
{
	return node ? vmm_xml_from(node->children, name) : NULL;
}

static char *take(xmlChar *text)
{
	char *copy = vmm_strdup_null((const char *)text);

	xmlFree(text);
	return copy;
}

char *vmm_xml_text(xmlNode *node)
{
	return node ? take(xmlNodeGetContent(node)) : NULL;
}

char *vmm_xml_attribute(const xmlNode *node, const char *name)
{
	return node ? take(xmlGetNoNsProp(node, BAD_CAST name)) : NULL;
}

bool vmm_xml_has(const xmlNode *node, const char *name, const char *value)
{
	AUTOFREE char *found = vmm_xml_attribute(node, name);

	return found && strcmp(found, value) == 0;
}

char *vmm_xml_dump(xmlDocPtr doc, xmlNode *node)
{
	xmlBufferPtr buffer = xmlBufferCreate();
	char *text;

	xmlNodeDump(buffer, doc, node, 0, 0);
	text = vmm_strdup((const char *)xmlBufferContent(buffer));
	xmlBufferFree(buffer);
	return text;
}
