package io.trustedlaunch.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A catalog in JSON. It is parsed strictly, so that two parsers cannot read it differently: no unknown, missing or duplicate
 * fields, and no other types.
 *
 * @param format identifies the document, so that no other signed JSON is accepted as a catalog
 * @param name which list this is, so that another list of the same signer does not replace it
 * @param expires RFC 3339, in UTC
 */
@JsonPropertyOrder({"format", "name", "serial", "expires", "images"})
public record CatalogDocument(String format, String name, long serial, String expires, List<CatalogImage> images) {
    public static final String FORMAT = "trustedlaunch.io/image-catalog/v1";

    /** Limit of a document, which must fit into a Secret with its signature and in base64. */
    public static final int MAX_BYTES = 512 * 1024;

    private static final int MAX_DEPTH = 6;
    private static final int MAX_TEXT = 256;
    private static final int MAX_DIGITS = 20;

    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9]{1,32}");

    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxDocumentLength(MAX_BYTES)
                            .maxNestingDepth(MAX_DEPTH)
                            .maxStringLength(MAX_TEXT)
                            .maxNameLength(MAX_TEXT)
                            .maxNumberLength(MAX_DIGITS)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    /** Indented, for people to read and sign. */
    public String toJson() {
        try {
            return JSON.writeValueAsString(this) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("encoding in memory failed", e);
        }
    }

    static CatalogDocument parse(byte[] bytes) throws MalformedCatalogException {
        if (bytes.length > MAX_BYTES) {
            throw new MalformedCatalogException("has " + bytes.length + " bytes; the maximum is " + MAX_BYTES);
        }
        try {
            JsonNode tree = JSON.readTree(text(bytes));
            if (!FORMAT.equals(tree.path("format").asText())) {
                throw new MalformedCatalogException("does not have format " + FORMAT);
            }
            CatalogDocument document = JSON.treeToValue(tree, CatalogDocument.class);
            // Values that were converted or ignored differ when the document is written again.
            if (!JSON.readTree(document.toJson()).equals(tree)) {
                throw new MalformedCatalogException("has a value of the wrong type, or lacks a field");
            }
            return document;
        } catch (JsonProcessingException e) {
            throw new MalformedCatalogException("is not valid: " + location(e));
        }
    }

    private static String text(byte[] bytes) throws MalformedCatalogException {
        try {
            // The parser would also detect and accept UTF-16.
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new MalformedCatalogException("is not UTF-8");
        }
    }

    /** The place and the kind of the error; the parser's own message quotes the input. */
    private static String location(JsonProcessingException e) {
        String kind = e.getClass().getSimpleName().replaceAll("Exception$", "");
        if (e instanceof JsonMappingException mapping && !mapping.getPath().isEmpty()) {
            return kind + " at "
                    + mapping.getPath().stream().map(CatalogDocument::location).collect(Collectors.joining("."));
        }
        JsonLocation where = e.getLocation();
        return where == null || where.getLineNr() < 1
                ? kind
                : kind + " at line " + where.getLineNr() + ", column " + where.getColumnNr();
    }

    private static String location(JsonMappingException.Reference step) {
        String field = step.getFieldName();
        if (field == null) {
            return Integer.toString(step.getIndex());
        }
        return PLAIN.matcher(field).matches() ? field : "an unknown field";
    }
}
