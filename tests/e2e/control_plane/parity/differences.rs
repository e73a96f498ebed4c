//! Every difference from a custom resource, with its reason: those that are meant, and those that are to go. What
//! is never compared at all, such as managedFields, is in [`super::normal`].

use http::Method;
use serde_json::Value;

use super::exchange::Rule;
use super::side::CLOSED;

/// Meant, and meant to stay.
pub(super) const MEANT: &[Rule] = &[
    Rule {
        why: "a revision that is no number is the client's mistake, for which a custom resource answers 500",
        applies: |exchange| {
            let number = "strconv.ParseUint:";
            let tells = |answer: &Value| answer["body"].to_string().contains(number);
            exchange.theirs["code"] == 500
                && exchange.our_class(400)
                && tells(exchange.ours)
                && tells(exchange.theirs)
        },
    },
    Rule {
        why: "a custom resource validates metadata twice and more: its causes are there as often",
        applies: |exchange| exchange.same_code(&[422]) && exchange.same_causes(),
    },
    Rule {
        why: "apiextensions answers paths that no resource has with plain text",
        applies: |exchange| exchange.same_code(&[404]) && exchange.theirs["body"] == "404 page not found\n",
    },
    Rule {
        why: "protobuf is not offered, nor named among what is",
        applies: |exchange| {
            exchange.same_code(&[406, 415]) && {
                let [ours, theirs] = [exchange.ours, exchange.theirs].map(|answer| plain(&answer["body"]));
                let theirs = theirs.replace(",application/vnd.kubernetes.protobuf;stream=watch", "");
                ours == theirs.replace(",application/vnd.kubernetes.protobuf", "")
            }
        },
    },
    Rule {
        why: "server-side apply is not built yet, nor named among the forms of a patch",
        applies: |exchange| {
            let [ours, theirs] = exchange.messages();
            exchange.same_code(&[415]) && ours == theirs.replace(", application/apply-patch+yaml", "")
        },
    },
    Rule {
        why: "of a body that is refused at most 4 KiB are shown",
        applies: |exchange| {
            let [ours, theirs] =
                [exchange.ours, exchange.theirs].map(|answer| answer["body"].to_string().len());
            exchange.same_code(&[400, 422]) && ours < theirs && theirs > SHOWN_MOST
        },
    },
    Rule {
        why: "who accepts protobuf gets a custom resource's refusals in it",
        applies: |exchange| {
            let kinds = [exchange.ours, exchange.theirs].map(|answer| &answer["headers"][0]);
            exchange.same_code(REFUSALS)
                && kinds[0] == "application/json"
                && kinds[1] == "application/vnd.kubernetes.protobuf"
        },
    },
    Rule {
        why: "objects in protobuf are not taken; a custom resource's server looks into them, or closes the connection",
        applies: |exchange| {
            exchange.ours["code"] == 415
                && exchange.request.header_value("Content-Type") == "application/vnd.kubernetes.protobuf"
                && [400, 422, u64::from(CLOSED)].into_iter().any(|code| exchange.theirs["code"] == code)
        },
    },
    Rule {
        why: "of one object no list of metadata can be had, which a custom resource notices when it is too late",
        applies: |exchange| {
            exchange.theirs["code"] == 500 && exchange.messages()[1] == "content is not a list"
        },
    },
];

/// In bytes, of a message with a body.
const SHOWN_MOST: usize = 4 << 10;
const REFUSALS: &[u64] = &[400, 404, 405, 409, 410, 413, 415, 422];

/// A text without white space, as a Status may be written in JSON or YAML.
fn plain(body: &Value) -> String {
    let text = body.as_str().map_or_else(|| body.to_string(), str::to_owned);
    text.replace("\\n", "").split_whitespace().collect()
}

/// Mistakes that are to be repaired. A rule goes with its mistake.
pub(super) const TO_BE_FIXED: &[Rule] = &[
    Rule {
        why: "1. what is read of the stored version has its defaults and is pruned as it",
        applies: |exchange| {
            let defaults = |answer: &Value| answer.to_string().matches("listDefault").count();
            let other = defaults(exchange.ours) != defaults(exchange.theirs);
            exchange.both_granted() && (other || exchange.request.path.contains("/v2/"))
        },
    },
    Rule {
        why: "2. warnings of the decoder come with refusals, too",
        applies: |exchange| {
            exchange.same_code(REFUSALS)
                && exchange.ours["body"] == exchange.theirs["body"]
                && exchange.ours["headers"][1] != exchange.theirs["headers"][1]
        },
    },
    Rule {
        why: "3. PUT decodes the body before it looks for the object",
        applies: |exchange| exchange.request.method == Method::PUT && exchange.codes(404, 400),
    },
    Rule {
        why: "4. a fieldManager that cannot be printed",
        applies: |exchange| {
            exchange.request.parameter_value("fieldManager") == "\u{7}" && exchange.same_code(&[422])
        },
    },
    Rule {
        why: "5. an empty PartialObjectMetadataList has null for items",
        applies: |exchange| {
            exchange.both_granted()
                && exchange.theirs["body"]["items"].is_null()
                && exchange.theirs["body"]["kind"] == "PartialObjectMetadataList"
        },
    },
    Rule {
        why: "6. texts of errors in YAML",
        applies: |exchange| {
            exchange.request.header_value("Content-Type") == "application/yaml" && exchange.same_code(&[400])
        },
    },
    Rule {
        why: "7. initial events of an old revision",
        applies: |exchange| {
            exchange.request.parameter_value("sendInitialEvents") == "true" && exchange.both_granted()
        },
    },
    Rule {
        why: "8. a get's revision is the least one",
        applies: |exchange| {
            exchange.ours["code"] == 410 && !exchange.request.parameter_value("resourceVersion").is_empty()
        },
    },
    Rule {
        why: "9. errors of the scale's accessors",
        applies: |exchange| exchange.their_text().contains("accessor"),
    },
    Rule {
        why: "10. patches of a Scale make a Scale",
        applies: |exchange| {
            exchange.request.method == Method::PATCH && exchange.request.path.ends_with("/scale")
        },
    },
    Rule {
        why: "11. options of a deletion are decoded in full, and first",
        applies: |exchange| {
            let ours = exchange.ours["code"].as_u64();
            exchange.request.method == Method::DELETE
                && matches!(ours, Some(200 | 404 | 409))
                && (exchange.theirs["code"] == 400 || exchange.theirs["code"] == 422)
        },
    },
    Rule {
        why: "12. PartialObjectMetadata of a list, with other clauses",
        applies: |exchange| {
            exchange.codes(200, 406)
                && exchange.messages()[1].starts_with("you requested PartialObjectMetadata")
        },
    },
    Rule {
        why: "13. a field selector without a field, and force that is no boolean",
        applies: |exchange| {
            exchange.request.parameter_value("fieldSelector") == "="
                || exchange.request.parameter_value("force") == "x"
        },
    },
    Rule {
        why: "14. a limit that is no number is noticed first",
        applies: |exchange| {
            exchange.theirs["code"] == 400
                && exchange.messages()[1].starts_with("strconv.ParseInt")
                && exchange.request.is_read()
        },
    },
    Rule {
        why: "15. integers above 2^63 become floats",
        applies: |exchange| {
            exchange.both_granted() && exchange.ours.to_string().contains("18446744073709551615")
        },
    },
    Rule {
        why: "16. the text for a continue token that is not base64, and one without a start",
        applies: |exchange| exchange.theirs.to_string().contains("invalid continue token"),
    },
    Rule {
        why: "17. kinds that are not registered",
        applies: |exchange| {
            exchange.same_code(&[400]) && exchange.messages()[1].contains("is registered for")
        },
    },
    Rule {
        why: "18. a generated name that exists",
        applies: |exchange| {
            exchange.same_code(&[409])
                && exchange.messages()[1].contains("not able to generate a unique name")
        },
    },
    Rule {
        why: "19. Go's texts for metadata that cannot be decoded",
        applies: |exchange| {
            exchange.same_code(&[400]) && exchange.their_text().contains("json: cannot unmarshal")
        },
    },
    Rule {
        why: "20. the key in the text of a failed precondition",
        applies: |exchange| exchange.same_code(&[409]) && exchange.messages()[1].contains("Key: /registry/"),
    },
    Rule {
        why: "22. a patch is decoded after the object was found",
        applies: |exchange| {
            exchange.request.method == Method::PATCH && (exchange.codes(400, 404) || exchange.codes(404, 422))
        },
    },
    Rule {
        why: "25. an Accept header for a list of metadata is looked at last",
        applies: |exchange| {
            exchange.ours["code"] == 406
                && exchange.request.header_value("Accept").contains("PartialObjectMetadata")
        },
    },
    Rule {
        why: "27. a new object's revision that is no number is none",
        applies: |exchange| exchange.ours["code"] == 500 && exchange.request.method == Method::POST,
    },
    Rule {
        why: "28. 1 and 1.0 are two",
        applies: |exchange| exchange.request.body.text().contains("[1,1.0]"),
    },
    Rule {
        why: "29. deletionTimestamp is immutable",
        applies: |exchange| exchange.theirs.to_string().contains("deletionTimestamp"),
    },
    Rule { why: "30. selfLink stays", applies: |exchange| exchange.request.body.text().contains("selfLink") },
    Rule {
        why: "31. what a dry run makes has no revision in a Table",
        applies: |exchange| {
            exchange.request.parameter_value("dryRun") == "All"
                && exchange.both_granted()
                && exchange.theirs["body"]["kind"] == "Table"
        },
    },
    Rule {
        why: "32. a bookmark has no creationTimestamp",
        applies: |exchange| {
            exchange.request.is_watch() && exchange.ours.to_string().contains("\"creationTimestamp\":null")
        },
    },
    Rule {
        why: "37. what has no kind is shown",
        applies: |exchange| {
            exchange.same_code(&[422]) && exchange.messages()[1].contains("Object 'Kind' is missing in")
        },
    },
    Rule {
        why: "38. multiples of a half",
        applies: |exchange| exchange.ours.to_string().contains("factor MultipleOf declared"),
    },
    Rule {
        why: "39. metadata is decoded before the apiVersion is looked at",
        applies: |exchange| {
            exchange.same_code(&[400])
                && exchange.theirs["body"].to_string().contains("in version \\\"\\\" cannot be handled")
        },
    },
    Rule {
        why: "40. an apiVersion with two slashes",
        applies: |exchange| {
            exchange.same_code(&[400]) && exchange.their_text().contains("unexpected GroupVersion string")
        },
    },
    Rule {
        why: "41. which of two unknown fields is named",
        applies: |exchange| {
            exchange.same_code(&[400])
                && exchange
                    .messages()
                    .iter()
                    .all(|message| message.starts_with("field label not supported: "))
        },
    },
    Rule {
        why: "42. control characters in a message",
        applies: |exchange| exchange.ours.to_string().contains("\\u{"),
    },
    Rule {
        why: "45. deletionGracePeriodSeconds is immutable",
        applies: |exchange| exchange.theirs.to_string().contains("metadata.deletionGracePeriodSeconds"),
    },
    Rule {
        why: "46. a Scale that is put must have a name, and be one",
        applies: |exchange| {
            exchange.request.method == Method::PUT
                && exchange.request.path.ends_with("/scale")
                && exchange.theirs["code"] == 400
        },
    },
    Rule {
        why: "48. sendInitialEvents that is no boolean",
        applies: |exchange| exchange.request.parameter_value("sendInitialEvents") == "x",
    },
    Rule {
        why: "49. a label selector is read before the options are validated",
        applies: |exchange| {
            exchange.codes(422, 400) && !exchange.request.parameter_value("labelSelector").is_empty()
        },
    },
    Rule {
        why: "51. what a patch makes and cannot be decoded",
        applies: |exchange| {
            exchange.same_code(&[422]) && exchange.messages()[0].contains("is invalid: patch: Invalid value")
        },
    },
    Rule {
        why: "52. what a dry run makes has no revision as metadata",
        applies: |exchange| {
            exchange.request.parameter_value("dryRun") == "All"
                && exchange.same_code(&[201])
                && exchange.theirs["body"]["kind"] == "PartialObjectMetadata"
        },
    },
    Rule {
        why: "53. Go's text for a bad time",
        applies: |exchange| exchange.same_code(&[400]) && exchange.their_text().contains("parsing time "),
    },
    Rule {
        why: "54. versions that are not served are decoded",
        applies: |exchange| {
            exchange.same_code(&[400]) && exchange.messages()[0].starts_with("the API version in the data")
        },
    },
    Rule {
        why: "56. DeleteOptions need no kind",
        applies: |exchange| {
            exchange.ours["code"] == 400 && exchange.messages()[0].starts_with("no kind \"\" is registered")
        },
    },
    Rule {
        why: "57. a merge patch that is no object",
        applies: |exchange| {
            exchange.codes(400, 422) && exchange.messages()[0].starts_with("error decoding patch")
        },
    },
    Rule {
        why: "59. a Scale's uid is looked at, and before its replicas",
        applies: |exchange| exchange.theirs["code"] == 409 && exchange.request.path.ends_with("/scale"),
    },
    Rule {
        why: "60. a limit at revision 0",
        applies: |exchange| {
            exchange.both_granted()
                && exchange.request.parameter_value("resourceVersion") == "0"
                && !exchange.request.parameter_value("limit").is_empty()
        },
    },
    Rule {
        why: "61. null in new arrays of a merge patch",
        applies: |exchange| {
            exchange.both_granted()
                && exchange.request.header_value("Content-Type").starts_with("application/merge-patch")
                && exchange.request.body.text().contains(":null}")
        },
    },
    Rule {
        why: "62. what a dry run shows of revisions",
        applies: |exchange| exchange.both_granted() && exchange.request.parameter_value("dryRun") == "All",
    },
    Rule {
        why: "63. a merge patch that is a number",
        applies: |exchange| exchange.same_code(&[400]) && exchange.messages()[1] == "Invalid JSON Patch",
    },
    Rule {
        why: "64. a name whose object is being deleted",
        applies: |exchange| {
            exchange.same_code(&[409]) && exchange.messages()[1].starts_with("object is being deleted: ")
        },
    },
    Rule {
        why: "65. list types are checked of other kinds, too",
        applies: |exchange| {
            exchange.same_code(&[422])
                && exchange.theirs.to_string().contains("FieldValueDuplicate")
                && exchange.messages()[0].contains("kind: Invalid value")
        },
    },
    Rule {
        why: "66. options of a deletion before the form of the answer",
        applies: |exchange| exchange.codes(400, 422) && exchange.request.method == Method::DELETE,
    },
    Rule {
        why: "67. options of a watch before the form of the answer",
        applies: |exchange| exchange.codes(406, 400) && exchange.request.is_watch(),
    },
    Rule {
        why: "68. generateName is not looked at in updates",
        applies: |exchange| {
            exchange.request.method != Method::POST
                && exchange.ours["code"] == 422
                && exchange.ours.to_string().contains("metadata.generateName")
        },
    },
    Rule {
        why: "69. options of a write before the type of its body",
        applies: |exchange| exchange.codes(415, 422),
    },
    Rule {
        why: "70. the namespace of what has none is left out",
        applies: |exchange| exchange.messages()[0].contains("metadata.namespace: Forbidden"),
    },
    Rule {
        why: "71. a Scale needs no kind",
        applies: |exchange| exchange.request.path.ends_with("/scale") && exchange.ours["code"] == 400,
    },
    Rule {
        why: "72. what has no kind, where fields are ignored",
        applies: |exchange| {
            exchange.same_code(&[400]) && exchange.messages()[1].contains("Object 'Kind' is missing in")
        },
    },
    Rule {
        why: "49. a field selector is read before the options are validated",
        applies: |exchange| {
            exchange.codes(422, 400) && !exchange.request.parameter_value("fieldSelector").is_empty()
        },
    },
    Rule {
        why: "44. a write to the status that changes nothing there is one",
        applies: |exchange| exchange.both_granted() && exchange.request.path.ends_with("/status"),
    },
    Rule {
        why: "73. a Scale of none",
        applies: |exchange| exchange.both_granted() && exchange.request.path.ends_with("/scale"),
    },
    Rule {
        why: "74. the type of a patch before the form of the answer",
        applies: |exchange| exchange.codes(406, 415),
    },
    Rule {
        why: "75. objects of another kind are decoded without the schema",
        applies: |exchange| {
            exchange.codes(400, 422) && exchange.theirs.to_string().contains(": must be Thing")
        },
    },
    Rule {
        why: "77. a grace period that is no number is noticed first",
        applies: |exchange| exchange.codes(422, 400) && exchange.request.method == Method::DELETE,
    },
    Rule {
        why: "78. a refusal of more than 128 KiB is said to be compressed and is not",
        applies: |exchange| {
            exchange.codes(u64::from(CLOSED), 422) && exchange.request.method == Method::PATCH
        },
    },
    Rule {
        why: "80. operations of a JSON patch on the whole document",
        applies: |exchange| {
            exchange.request.method == Method::PATCH
                && exchange.theirs["code"] == 422
                && exchange
                    .their_text()
                    .contains("the server rejected our request due to an error in our request")
        },
    },
    Rule {
        why: "36. the causes of an error of the server's own",
        applies: |exchange| exchange.same_code(&[500]),
    },
];

/// Refused requests that changed something all the same, which is to be repaired, too.
pub(super) const CHANGES_TO_BE_FIXED: &[Rule] = &[Rule {
    why: "50. a wrong includeObject is refused when the write is done",
    applies: |exchange| exchange.request.parameter_value("includeObject") == "Other",
}];
