package io.trustedlaunch.agent.libvirt;

import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathExpressionException;
import javax.xml.xpath.XPathFactory;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/** An XML document of libvirt. */
record LibvirtXml(Document document) {
    static LibvirtXml parse(String xml) {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultInstance();
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            return new LibvirtXml(factory.newDocumentBuilder().parse(new InputSource(new StringReader(xml))));
        } catch (SAXException | IOException | ParserConfigurationException e) {
            throw new IllegalArgumentException("libvirt returned invalid XML", e);
        }
    }

    /** The texts of the nodes that an XPath selects. */
    List<String> values(String path) {
        try {
            NodeList found = (NodeList)
                    XPathFactory.newDefaultInstance().newXPath().evaluate(path, document, XPathConstants.NODESET);
            return IntStream.range(0, found.getLength())
                    .mapToObj(i -> found.item(i).getTextContent())
                    .toList();
        } catch (XPathExpressionException e) {
            throw new IllegalArgumentException(path, e);
        }
    }
}
