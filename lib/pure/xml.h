/* xml: XML text parsed the same way everywhere: no network, no messages; and
 * looked into. All take NULL for a node that is not there. */
#ifndef VMM_PURE_XML_H
#define VMM_PURE_XML_H

#include <libxml/parser.h>
#include <stdbool.h>

#include "base/cleanup.h"

DEFINE_CLEANUP(xmlDocPtr, xmlFreeDoc)
#define AUTODOC CLEANUP(xmlFreeDocp) xmlDocPtr

/* NULL where TEXT is no XML. */
xmlDocPtr vmm_xml_parse(const char *text);

/* Whether NODE (not NULL) is an element of that name. */
bool vmm_xml_is(const xmlNode *node, const char *name);
/* The first element NAME from NODE on, among its siblings; NULL without. */
xmlNode *vmm_xml_from(xmlNode *node, const char *name);
/* The first child of that name; NULL without. */
xmlNode *vmm_xml_child(const xmlNode *node, const char *name);
/* These are to be freed; NULL without. */
char *vmm_xml_text(xmlNode *node);
char *vmm_xml_attribute(const xmlNode *node, const char *name);
bool vmm_xml_has(const xmlNode *node, const char *name, const char *value);
/* NODE and all in it as text, to be freed. */
char *vmm_xml_dump(xmlDocPtr doc, xmlNode *node);

#endif
