/* xml: XML text parsed the same way everywhere: no network, no messages. */
#ifndef VMM_PURE_XML_H
#define VMM_PURE_XML_H

#include <libxml/parser.h>

#include "base/cleanup.h"

DEFINE_CLEANUP(xmlDocPtr, xmlFreeDoc)
#define AUTODOC CLEANUP(xmlFreeDocp) xmlDocPtr

/* NULL where TEXT is no XML. */
xmlDocPtr vmm_xml_parse(const char *text);

#endif
