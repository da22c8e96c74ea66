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
 * A catalog's JSON. Read so that two readers cannot understand it differently: no field more, less, twice or of another
 * type than is written.
 *
 * @param format says what was signed, so that no other signed JSON is taken for a catalog
 * @param expires RFC 3339, in UTC
 */
@JsonPropertyOrder({"format", "serial", "expires", "images"})
public record CatalogDocument(String format, long serial, String expires, List<CatalogImage> images) {
    public static final String FORMAT = "trustedlaunch.io/image-catalog/v1";

    /** With its signature, and in base64, what a Secret has room for. */
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

    /** As people read it, and sign it. */
    public String toJson() {
        try {
            return JSON.writeValueAsString(this) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("encoding in memory failed", e);
        }
    }

    static CatalogDocument parse(byte[] bytes) throws MalformedCatalogException {
        if (bytes.length > MAX_BYTES) {
            throw new MalformedCatalogException("has " + bytes.length + " bytes, and at most " + MAX_BYTES);
        }
        try {
            JsonNode tree = JSON.readTree(text(bytes));
            if (!FORMAT.equals(tree.path("format").asText())) {
                throw new MalformedCatalogException("is not of format " + FORMAT);
            }
            CatalogDocument document = JSON.treeToValue(tree, CatalogDocument.class);
            // Whatever was taken for something else, or not taken at all, is not there when it is written again.
            if (!JSON.readTree(document.toJson()).equals(tree)) {
                throw new MalformedCatalogException("has a value of another type than its field, or lacks a field");
            }
            return document;
        } catch (JsonProcessingException e) {
            throw new MalformedCatalogException("does not read: " + told(e));
        }
    }

    private static String text(byte[] bytes) throws MalformedCatalogException {
        try {
            // One encoding: a parser that guesses would also take UTF-16.
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new MalformedCatalogException("is not UTF-8");
        }
    }

    /** Where, and of what kind; the parser's own words quote the input. */
    private static String told(JsonProcessingException e) {
        String kind = e.getClass().getSimpleName().replaceAll("Exception$", "");
        if (e instanceof JsonMappingException mapping && !mapping.getPath().isEmpty()) {
            return kind + " at "
                    + mapping.getPath().stream().map(CatalogDocument::told).collect(Collectors.joining("."));
        }
        JsonLocation where = e.getLocation();
        return where == null || where.getLineNr() < 1
                ? kind
                : kind + " at line " + where.getLineNr() + ", column " + where.getColumnNr();
    }

    private static String told(JsonMappingException.Reference step) {
        String field = step.getFieldName();
        if (field == null) {
            return Integer.toString(step.getIndex());
        }
        return PLAIN.matcher(field).matches() ? field : "a field of another name";
    }
}
