"""What providers answer, in OpenAI's shapes. https://platform.openai.com/docs/api-reference"""

import json

CREATED = 1_767_225_600
USAGE = {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12}
DONE = b"data: [DONE]\n\n"
PROVIDERS_MODEL = "the-providers-own-name"


def chat(content: str | None = "Hello there.", *, usage: dict | None = USAGE, **fields: object) -> dict:
    """A whole chat answer; every member can be given."""
    message = {"role": "assistant", "content": content}
    whole = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": CREATED,
        "model": PROVIDERS_MODEL,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": usage,
    }
    return {name: value for name, value in (whole | fields).items() if value is not None}


def completion(*texts: str, usage: dict | None = USAGE) -> dict:
    choices = [
        {"index": index, "text": text, "logprobs": None, "finish_reason": "stop"} for index, text in enumerate(texts)
    ]
    whole = {"id": "cmpl-1", "object": "text_completion", "created": CREATED, "model": PROVIDERS_MODEL}
    return whole | {"choices": choices} | ({"usage": usage} if usage else {})


def embeddings(*vectors: object, usage: dict | None = None) -> dict:
    data = [{"object": "embedding", "index": index, "embedding": vector} for index, vector in enumerate(vectors)]
    usage = usage or {"prompt_tokens": 4, "total_tokens": 4}
    return {"object": "list", "data": data, "model": PROVIDERS_MODEL, "usage": usage}


def event(data: object) -> bytes:
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    return f"data: {text}\n\n".encode()


def chunk(**fields: object) -> dict:
    shared = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": CREATED, "model": PROVIDERS_MODEL}
    return shared | fields


def delta(finish_reason: str | None = None, index: int = 0, **members: object) -> bytes:
    choice = {"index": index, "delta": members, "logprobs": None, "finish_reason": finish_reason}
    return event(chunk(choices=[choice]))


def usage_event(usage: dict = USAGE) -> bytes:
    return event(chunk(choices=[], usage=usage))


ROLE = delta(role="assistant", content="")
FINISH = delta("stop")


def words(*texts: str) -> list[bytes]:
    return [delta(content=text) for text in texts]


def chat_events(*texts: str, usage: dict | None = USAGE) -> list[bytes]:
    """A whole stream: the role, a chunk for each text, the end, usage, `[DONE]`."""
    return [ROLE, *words(*texts), FINISH, *([usage_event(usage)] if usage else []), DONE]


def text_event(text: str, finish_reason: str | None = None, index: int = 0) -> bytes:
    """A chunk of a streamed completion."""
    choice = {"index": index, "text": text, "logprobs": None, "finish_reason": finish_reason}
    return event(chunk(id="cmpl-1", object="text_completion", choices=[choice]))


def error(message: str, kind: str = "invalid_request_error", code: str | None = None, param: str | None = None) -> dict:
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}
