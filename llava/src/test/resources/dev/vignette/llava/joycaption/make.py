"""Makes the miniature of JoyCaption beside this file, and what transformers makes of it.

    python3 make.py CAPTIONS.json IMAGES OUT      (models/mini/data/val.json, models/mini/data/images/val)

A LLaVA of random bfloat16 weights with a SigLIP tower (62 pixels in patches of 14, so that 6 are left over as of JoyCaption's
384), a Llama 3 with grouped keys and stretched frequencies, and a tokenizer with Llama 3's split. Run in float32.
"""
import json, pathlib, sys
import numpy as np, torch, transformers
from PIL import Image
from safetensors.torch import save_file
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import (LlamaConfig, LlavaConfig, LlavaForConditionalGeneration, PreTrainedTokenizerFast,
                          SiglipVisionConfig)

captions, images, out = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
STEMS = ["%012d" % i for i in range(1, 6)]
PROMPT = "Write a short caption for this image."
SYSTEM = "You are a helpful image captioner."
SPLIT = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
         r"|\s*[\r\n]+|\s+(?!\S)|\s+")
BEGIN, END, PAD, EOT = "<|begin_of_text|>", "<|end_of_text|>", "<|finetune_right_pad_id|>", "<|eot_id|>"
IMAGE, IMAGE_BEGIN, IMAGE_END = ("<|reserved_special_token_%d|>" % i for i in (69, 70, 71))
# Llama 3.1's, shortened to what a caption needs, with the image where JoyCaption puts it.
TEMPLATE = """\
{%- if not date_string is defined %}{%- set date_string = "26 July 2024" %}{%- endif %}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
{{- "Cutting Knowledge Date: December 2023\\n" }}
{{- "Today Date: " + date_string + "\\n\\n" }}
{{- system_message }}
{{- "<|eot_id|>" }}
{%- for message in messages %}
    {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' }}
    {%- if loop.first %}
        {{- '<|reserved_special_token_70|><|reserved_special_token_69|><|reserved_special_token_71|>' }}
    {%- endif %}
    {{- message['content'].replace('<|reserved_special_token_69|>', '').lstrip() + '<|eot_id|>' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
"""


def tokenizer():
    model = Tokenizer(models.BPE(ignore_merges=True))
    model.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(SPLIT), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    model.decoder = decoders.ByteLevel()
    texts = [a["caption"] for a in json.load(open(captions))["annotations"]]
    model.train_from_iterator(texts + [PROMPT, SYSTEM], trainers.BpeTrainer(
        vocab_size=360, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), show_progress=False))
    model.add_special_tokens([BEGIN, END, PAD, "<|start_header_id|>", "<|end_header_id|>", "<|eom_id|>", EOT,
                              IMAGE, IMAGE_BEGIN, IMAGE_END])
    model.post_processor = processors.TemplateProcessing(
        single=f"{BEGIN} $A", pair=f"{BEGIN} $A {BEGIN} $B", special_tokens=[(BEGIN, model.token_to_id(BEGIN))])
    return PreTrainedTokenizerFast(tokenizer_object=model, bos_token=BEGIN, eos_token=EOT, pad_token=PAD,
                                   clean_up_tokenization_spaces=False)


def config(tok):
    number = tok.convert_tokens_to_ids
    vision = SiglipVisionConfig(hidden_size=48, intermediate_size=76, num_hidden_layers=4, num_attention_heads=3,
                                image_size=62, patch_size=14)
    text = LlamaConfig(
        vocab_size=384, hidden_size=64, intermediate_size=96, num_hidden_layers=3, num_attention_heads=4,
        num_key_value_heads=2, head_dim=16, rms_norm_eps=1e-5, max_position_embeddings=131072,
        bos_token_id=number(BEGIN), eos_token_id=[number(END), number("<|eom_id|>"), number(EOT)],
        rope_parameters={"rope_type": "llama3", "rope_theta": 500000.0, "factor": 8.0, "low_freq_factor": 1.0,
                         "high_freq_factor": 4.0, "original_max_position_embeddings": 64})
    return LlavaConfig(vision_config=vision, text_config=text, image_token_index=number(IMAGE), image_seq_length=16,
                       projector_hidden_act="gelu", vision_feature_layer=-2, vision_feature_select_strategy="full")


def unreadable(tok, vocabulary):
    """Tokens that are no printable text; captions are made of the others."""
    pieces = [tok.decode([i], skip_special_tokens=True) for i in range(vocabulary)]
    return [i for i, piece in enumerate(pieces) if not (piece.isascii() and piece.isprintable() and piece)]


def random_model(conf, eot, silent, seed):
    torch.manual_seed(seed)
    model = LlavaForConditionalGeneration(conf).eval()
    with torch.no_grad():
        for name, p in model.named_parameters():
            if p.dim() > 1:
                fan = p[0].numel()
                p.normal_(0, 1.0 if "embed_tokens" in name or "position" in name else fan ** -0.5)
            elif name.endswith("bias"):
                p.normal_(0, 0.1)
            else:
                p.normal_(1, 0.1)
            if "lm_head" in name:
                p.mul_(4)
                p[[i for i in silent if i != eot]] = 0
                p[eot].mul_(1.3)  # so that some captions end
        for p in model.parameters():
            p.copy_(p.to(torch.bfloat16).float())
    return model


def pixels(stem):
    small = Image.open(images / f"{stem}.jpg").convert("RGB").resize((62, 62), Image.BILINEAR)
    return torch.from_numpy(np.asarray(small, np.float32) / 255).permute(2, 0, 1)[None].sub(0.5).div(0.5)


def prompt_tokens(tok):
    talk = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": PROMPT}]
    text = tok.apply_chat_template(talk, tokenize=False, add_generation_prompt=True)
    image = tok.convert_tokens_to_ids(IMAGE)
    tokens = []
    for token in tok(text)["input_ids"]:
        tokens += [image] * 16 if token == image else [token]
    return tokens


@torch.no_grad()
def golden(model, tok, tokens):
    """Features (16, 64) and first logits (384) by image; captions; the narrowest choice of any token."""
    tensors, told, margin = {}, {}, 1e9
    ids = torch.tensor([tokens])
    for stem in STEMS:
        x = pixels(stem)
        found = model.get_image_features(pixel_values=x, vision_feature_layer=-2, vision_feature_select_strategy="full")
        found = found if torch.is_tensor(found) or isinstance(found, (list, tuple)) else found.pooler_output
        found = found[0] if isinstance(found, (list, tuple)) else found
        tensors[stem + ".projected"] = found.reshape(16, 64).contiguous()
        made = model.generate(input_ids=ids, attention_mask=torch.ones_like(ids), pixel_values=x, max_new_tokens=12,
                              do_sample=False, output_logits=True, return_dict_in_generate=True)
        tensors[stem + ".first_logits"] = made.logits[0][0].float().contiguous()
        new = made.sequences[0, len(tokens):].tolist()
        for row in made.logits:
            best = row[0].topk(2).values
            margin = min(margin, float(best[0] - best[1]))
        told[stem] = {"tokens": new, "caption": tok.decode(new, skip_special_tokens=True).strip()}
    return tensors, told, margin


def main():
    tok = tokenizer()
    tok.chat_template = TEMPLATE
    conf = config(tok)
    eot = tok.convert_tokens_to_ids(EOT)
    tokens = prompt_tokens(tok)
    silent = unreadable(tok, conf.text_config.vocab_size)
    for seed in range(1000):
        model = random_model(conf, eot, silent, seed)
        model.generation_config.eos_token_id = conf.text_config.eos_token_id
        model.generation_config.pad_token_id = tok.convert_tokens_to_ids(PAD)
        tensors, told, margin = golden(model, tok, tokens)
        ended = sum(t["tokens"][-1] == eot for t in told.values())
        if margin > 0.04 and 1 <= ended <= 4 and len({t["caption"] for t in told.values()}) == 5:
            break
    else:
        sys.exit("no seed will do")
    print(f"seed {seed}, margin {margin:.3f}, {ended} end", json.dumps(told, indent=1))
    out.mkdir(parents=True, exist_ok=True)
    model.to(torch.bfloat16).save_pretrained(out)
    tok.save_pretrained(out)
    (out / "chat_template.jinja").unlink(missing_ok=True)
    settings = json.load(open(out / "tokenizer_config.json"))
    settings.pop("chat_template", None)
    json.dump(settings, open(out / "tokenizer_config.json", "w"), indent=1)
    json.dump({"chat_template": TEMPLATE}, open(out / "chat_template.json", "w"), indent=1)
    json.dump({"image_processor_type": "SiglipImageProcessor", "do_resize": True, "do_rescale": True, "do_normalize": True,
               "image_mean": [0.5] * 3, "image_std": [0.5] * 3, "resample": 2, "rescale_factor": 1 / 255,
               "size": {"height": 62, "width": 62}}, open(out / "preprocessor_config.json", "w"), indent=1)
    save_file(tensors, out / "golden.safetensors")
    json.dump({"prompt": PROMPT, "prompt_tokens": tokens, "captions": told}, open(out / "golden.json", "w"), indent=1)
    print("transformers", transformers.__version__, "torch", torch.__version__)


main()
