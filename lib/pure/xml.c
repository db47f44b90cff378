/* xml: hides libxml2's options. */
#include "pure/xml.h"

#include <limits.h>
#include <string.h>

xmlDocPtr vmm_xml_parse(const char *text)
{
	size_t length = strlen(text);

	if (length > INT_MAX)
		return NULL;
	/* libvirt speaks UTF-8; libxml2 would complain of others by itself */
	return xmlReadMemory(text, (int)length, NULL, "UTF-8",
	    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
}
