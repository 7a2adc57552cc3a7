"""Problems and findings in Korean, by id. The terms are those of docs/vocabulary.md."""

KOREAN_PROBLEMS: dict[str, str] = {
    "setting_of_uce": "{setting} 설정은 UCE에만 있고 {method}에는 없습니다: 빼고 다시 실행하세요.",
    "option_not_of_method": "방법 {method}에는 --{option} 옵션이 없습니다: 빼고 다시 실행하세요.",
    "run_unreadable": "실행 기록 {run}은(는) 프로그램의 다른 버전에서 만들어져 읽을 수 없습니다.",
    "field_empty": "{field} 값이 비어 있습니다: 숫자를 입력하세요.",
    "ratios_not_numbers": "{field}: {value!r}은(는) 숫자 목록이 아닙니다. 쉼표로 구분한 숫자를 입력하세요.",
    "lora_not_readable": "{file}: LoRA 파일은 가져올 수 없습니다. UCE 스튜디오 형식이나 공개 코드 형식을 업로드하세요.",
    "edit_name_empty": "문자나 숫자가 있는 이름을 입력하세요: {name!r}에는 없습니다.",
    "edit_name_taken": "이름이 {name}인 편집이 이미 있습니다: 다른 이름을 사용하세요.",
    "review_unfinished": "{reviewer} 님은 이미지 {count}장 중 {done}장을 평가했습니다: 결과의 영향을 받지 않도록 먼저 "
    "평가를 마치세요.",
    "seeds_not_numbers": "시드 {text!r}은(는) 정수가 아닙니다: 7, 8, 9처럼 입력하세요.",
    "bad_weights": "lam > 0, erase scale > 0, retain scale ≥ 0이어야 합니다(현재 {lam}, {erase_scale}, "
    "{retain_scale}).",
    "not_solvable": "방정식을 풀 수 없습니다: lam을 키우거나 텍스트 인코더에 NaN이 있는지 확인하세요.",
    "text_too_long": "텍스트 {text!r}이(가) {excess}토큰 초과합니다(현재 {count}, 최대 {limit}): 줄이세요.",
    "unknown_option": "알 수 없는 {name} 값 {value!r}: {known} 중 하나를 사용하세요.",
    "guides_do_not_match": "삭제 대상은 {concepts}개인데 가이드가 {guides}개입니다: 가이드를 하나만 쓰거나 대상마다 "
    "하나씩 지정하세요.",
    "two_guides": "{concept!r}의 가이드가 둘입니다: 하나만 지정하세요.",
    "not_stackable": "모든 투영에 공통인 행렬 하나로 된 편집만 합칠 수 있습니다: --method uce로 다시 계산하세요.",
    "edit_not_on_text": "이 편집은 텍스트에 적용할 수 없습니다: auto, apart, swap 중 하나를 사용하세요.",
    "edited_already": "{name}에 이미 편집이 적용되어 있습니다: 한 편집으로만 생성하세요.",
    "dense_has_no_lora": "이 편집이 만드는 변화는 저랭크가 아닙니다: 근사할 랭크를 지정하거나 published로 내보내세요.",
    "bad_bench_size": "크기 {size!r}이(가) 올바르지 않습니다: 100+1000처럼 삭제 수+유지 수로 쓰세요.",
    "text_encoders_differ": "텍스트 인코더가 서로 다른 편집입니다: 한 모델의 편집만 합칠 수 있습니다.",
    "weight_not_in_model": "이 편집의 {weight}과(와) 이름·크기가 같은 가중치가 {name}에 없습니다: 편집을 만든 모델을 "
    "불러오세요.",
    "unknown_wording": "알 수 없는 개념 문구 {wording!r}: {known} 중 하나나 {{}}가 하나 들어간 문구를 사용하세요.",
    "not_a_list_of_texts": "{field}: 텍스트 목록이어야 합니다(현재 {value!r}).",
    "half_a_character": "{field}에 반쪽짜리 문자가 있습니다({text!r}): 다시 입력하세요.",
    "not_sound_json": "{text!r}은(는) 올바른 JSON이 아닙니다: 출처를 확인하세요.",
    "settings_unreadable": "{kind}의 설정이 아닙니다: {field} 값이 없거나 형식이 다릅니다.",
    "settings_too_long": "개념 이름이 모두 합쳐 500kB를 넘습니다: 이름을 줄이세요.",
    "note_too_long": "메모가 {count}자입니다: {most}자로 줄이세요.",
    "case_number_out_of_range": "사례 번호가 {number}입니다: 0에서 9223372036854775807 사이의 정수를 입력하세요.",
    "not_a_text": "{field}: 텍스트여야 합니다(현재 {value!r}).",
    "no_method": "{kind!r}은(는) 방법이 아닙니다: 설정의 출처를 확인하세요.",
    "not_a_number": "{field} 값이 {value!r}입니다: 숫자를 입력하세요.",
    "nothing_to_erase": "삭제 대상이 없습니다: 화가나 개념을 하나 이상 지정하세요.",
    "erased_and_retained": "{concept!r}이(가) 삭제 대상과 유지 대상에 모두 있습니다: 한쪽에서 제거하세요.",
    "method_has_no_guide": "방법 {method}에는 가이드가 없습니다: 빼고 다시 실행하세요.",
    "erased_in_retained": "삭제 대상의 모든 토큰이 유지 대상의 부분공간에 있습니다: 유지 대상을 줄이거나 더 적은 "
    "토큰으로 삭제하세요.",
    "no_value_projections": "방법 {method}은(는) 값(value) 투영을 편집하는데 이 모델에는 텍스트를 읽는 값 투영이 "
    "없습니다: 다른 방법을 사용하세요.",
    "no_null_space": "유지 대상이 모든 방향을 차지해 편집할 방향이 없습니다: 유지 대상을 줄이거나 null threshold를 "
    "키우세요.",
    "vectors_not_finite": "텍스트의 벡터가 유한하지 않습니다: 텍스트 인코더에 NaN이 있는지 확인하세요.",
    "edits_of_one_name": "편집 파일 두 개의 이름이 같아 이미지 이름도 같아집니다: 하나의 이름을 바꾸세요.",
    "too_many_columns": "나란히 비교할 편집이 {count}개인데 화면에는 {most}개까지 놓을 수 있습니다: 몇 개를 빼세요.",
    "column_without_spec": "삭제 대상이 기록되지 않은 편집은 다른 방법으로 계산할 수 없습니다: 삭제할 화가를 "
    "입력하거나 {method}을(를) 빼세요.",
    "unknown_column": "{text!r}은(는) 방법, 강도, 저장된 편집 중 어느 것도 아닙니다: 목록에서 선택하거나 "
    "0.5 같은 강도를 입력하세요.",
    "edit_without_weights": "방법 {method}은(는) 가중치를 바꾸지 않습니다. 요청한 작업에는 편집된 가중치가 필요하므로 "
    "다른 방법의 편집을 사용하세요.",
    "method_retains_nothing": "방법 {method}에는 유지 대상을 지정할 수 없습니다: 유지 대상을 비우세요.",
    "guide_is_erased": "가이드 {guide!r}이(가) 삭제 대상입니다: 다른 가이드를 사용하세요.",
    "out_of_range": "{field} 값이 {value}입니다: {least}에서 {most:.0f} 사이의 숫자를 입력하세요.",
    "debias_stopped_early": "중지했을 때 가장 좋은 편집도 아무것도 바꾸지 않아 저장하지 않았습니다: 더 오래 "
    "실행하세요.",
    "debias_found_nothing": "원본 모델보다 나은 편집이 없고, 아무것도 바꾸지 않는 편집은 저장하지 않습니다: 반복 "
    "횟수나 이미지 수를 늘리거나 step_size를 키우세요.",
    "run_edit_changes_nothing": "실행 기록 {run}의 편집은 아무것도 바꾸지 않습니다: 저장할 것이 없습니다.",
    "nothing_to_debias": "편향을 완화할 대상이 없습니다: 개념 하나 이상과 속성 둘 이상을 지정하세요.",
    "debiased_and_retained": "편향을 완화할 개념은 유지 대상이 될 수 없습니다: 한쪽에서 제거하세요.",
    "bad_ratios": "비율이 {ratios}입니다: 속성 {count}개에 하나씩, 0% 이상이고 합이 100%가 되도록 지정하세요.",
    "too_few_images_for_tolerance": "이미지 {images}장에서 비율의 오차는 ±{half_width:.1%}인데 허용 오차가 "
    "{tolerance:.1%}입니다: 이미지를 {enough}장보다 많이 사용하거나 허용 오차를 늘리세요.",
    "bad_strength": "강도가 {strength}입니다: 1과 같은 숫자를 사용하세요.",
    "no_edit_file": "편집 파일 {path}이(가) 없습니다: 경로를 확인하세요.",
    "edit_file_damaged": "{file}이(가) 손상되었거나 safetensors 파일이 아닙니다: 편집을 다시 저장하세요.",
    "not_an_edit_file": "{file}은(는) 이 프로그램의 편집 파일이 아닙니다: 다른 파일을 선택하세요.",
    "edit_file_without_spec": "{file}에 무엇을 편집하는지 기록되어 있지 않습니다: 편집을 다시 저장하세요.",
    "edit_file_bad_matrices": "{file}에 든 행렬의 크기나 자료형이 잘못되었습니다: 편집을 다시 저장하세요.",
    "edit_without_spec": "{name}에 무엇을 삭제하는지 기록되어 있지 않습니다: python -m uce_core compare로 사용하세요.",
    "edit_file_not_finite": "{file}에 NaN이나 무한대 값이 있습니다: 편집을 다시 계산하세요.",
    "prompt_empty": "프롬프트가 비어 있습니다: 생성할 내용을 입력하세요.",
    "steps_out_of_range": "스텝이 {steps}입니다: 1에서 {most} 사이의 정수를 입력하세요.",
    "guidance_scale_out_of_range": "가이던스 스케일이 {value}입니다: 0에서 50 사이의 숫자를 입력하세요.",
    "side_out_of_range": "{field} 값이 {pixels}입니다: {least}에서 {most} 사이의 정수(픽셀)를 입력하거나, 모델의 기본 "
    "크기를 쓰려면 비워 두세요.",
    "side_not_a_multiple": "{field} 값이 {pixels}입니다: 이 모델에서는 {nearest}처럼 {unit}의 배수여야 합니다.",
    "side_too_large": "{field} 값이 {pixels}입니다: 이 모델에서는 최대 {most}픽셀입니다.",
    "image_too_large": "{width}×{height} 이미지는 {pixels}픽셀인데 이곳의 상한은 {most}픽셀입니다: 너비나 높이를 "
    "줄이세요.",
    "too_many_steps_for_sampler": "샘플러 {sampler}의 스텝은 최대 {most}인데 {steps}을(를) 요청했습니다: 스텝을 "
    "줄이거나 다른 샘플러를 사용하세요.",
    "sampler_of_other_models": "이 모델은 {own}(으)로 샘플링하며, 샘플러 {sampler}은(는) 다른 종류의 모델용입니다: "
    "샘플러를 모델 기본값으로 두세요.",
    "seed_out_of_range": "시드가 {seed}입니다: 0에서 9223372036854775807 사이의 정수를 입력하세요.",
    "no_cross_attention": "{name}은(는) 여기서 아는 방식으로 텍스트를 읽지 않습니다: Stable Diffusion 1.x, 2.x, XL, 3 "
    "또는 FLUX.1 모델을 선택하세요.",
    "embedding_in_concept": "{text!r}에 벡터가 여러 개인 임베딩 {token}이(가) 들어 있습니다: 개념이 아니라 프롬프트에 "
    "쓰세요.",
    "bad_lora_weight": "LoRA의 가중치 {weight!r}은(는) 0.8 같은 숫자가 아닙니다.",
    "addition_missing": "{kind} {file}이(가) 없습니다: .safetensors 파일의 경로를 입력하세요.",
    "addition_pickled": "{file}은(는) 코드를 실행할 수 있어 읽지 않는 피클입니다: {kind}을(를) .safetensors로 "
    "다운로드하거나, 믿을 수 있는 파일이라면 텐서를 safetensors.torch.save_file로 저장하세요.",
    "addition_not_for_model": "{file}이(가) 손상되었거나 이 모델에 맞는 {kind}이(가) 아닙니다: 다른 파일을 선택하세요.",
    "no_negative_prompt": "{name}은(는) 무조건부 계산을 하지 않아 네거티브 프롬프트를 받지 않습니다: 비워 두세요.",
    "no_pooled_text": "{name}은(는) 풀링된 텍스트를 읽지 않고 토큰만 읽습니다: 텍스트 공간을 tokens 또는 all로 하세요.",
    "transformer_single_file": "{name}은(는) Stable Diffusion 3 또는 FLUX의 단일 파일입니다. 이 모델들은 diffusers "
    "폴더로만 읽습니다: 폴더나 허브 ID를 선택하세요.",
    "kohya_without_names": "{name}은(는) Stable Diffusion 3 모델이며, 그 텍스트 레이어에 해당하는 이름이 이 "
    "프로그램들에 없습니다: diffusers-lora로 내보내세요.",
    "no_such_device": "장치 {device!r}을(를) 사용할 수 없습니다: auto, {available} 중 하나를 사용하세요.",
    "atelier_weights_missing": "아틀리에의 가중치가 없습니다: python -m atelier train을 실행하거나 저장소를 다시 "
    "클론하세요.",
    "model_not_safetensors": "{name}은(는) safetensors 파일이 아닙니다. 다른 형식은 지원하지 않습니다: "
    "safetensors 파일을 내려받거나, 믿을 수 있는 파일이라면 diffusers로 변환하세요: "
    "StableDiffusionPipeline.from_single_file(FILE).save_pretrained(FOLDER).",
    "no_such_model": "모델 {name!r}이(가) 없습니다: atelier, diffusers 폴더, .safetensors 파일, 또는 "
    "CompVis/stable-diffusion-v1-4 같은 허브 ID를 사용하세요.",
    "scorer_damaged": "{name}의 평가 모델이 손상되었거나 다른 모델의 것입니다: 모델 폴더를 다시 다운로드하세요.",
    "model_incomplete": "{name}은(는) 완전한 Stable Diffusion 모델이 아니거나 이 프로그램에서 읽을 수 없습니다: "
    "파일이 모두 있는지 확인하세요.",
    "model_file_changed": "모델을 연 뒤에 {file} 파일이 바뀌었거나 없어졌습니다: 되돌려 놓거나 "
    "이 프로그램을 다시 시작하세요.",
    "model_file_damaged": "{file}이(가) 손상되었거나 다운로드가 끝나지 않았습니다: 다시 다운로드하세요.",
    "model_shards_missing": "{folder}의 가중치 파일 {count}개 중 {found}개만 있습니다: 나머지를 다운로드하세요.",
    "model_lacks_part": "{name}에 {part}이(가) 없습니다: 원본 모델에서 가져오거나 다른 모델을 선택하세요.",
    "model_does_not_fit": "{name}을(를) 불러올 메모리가 부족합니다: 반정밀도(--dtype fp16 또는 bf16), GPU에서는 "
    "--offload, 또는 더 작은 모델을 사용하세요.",
    "model_other_file": "{name}은(는) safetensors 파일이 아닙니다. 다른 형식은 지원하지 않습니다: safetensors 파일이나 "
    "diffusers 폴더를 선택하세요.",
    "model_is_lora": "{name}은(는) 모델이 아니라 LoRA입니다: 이 LoRA의 기반이 되는 체크포인트를 선택하고 LoRA는 따로 "
    "지정하세요(--lora).",
    "model_is_embedding": "{name}은(는) 모델이 아니라 임베딩입니다: 이 임베딩의 기반이 되는 체크포인트를 선택하고 "
    "임베딩은 따로 지정하세요(--embedding).",
    "model_is_autoencoder": "{name}은(는) 모델이 아니라 오토인코더입니다: 체크포인트를 선택하고 오토인코더는 따로 "
    "지정하세요(--vae).",
    "model_is_controlnet": "{name}은(는) 이 프로그램에서 쓰지 않는 ControlNet입니다: 기반이 되는 체크포인트를 "
    "선택하세요.",
    "model_is_part": "{name}은(는) 모델의 일부({part})입니다: 전체 체크포인트나 model_index.json이 있는 폴더를 "
    "선택하세요.",
    "model_no_checkpoint": "{name}에는 Stable Diffusion에 속하는 것이 없습니다: 체크포인트나 diffusers 폴더를 "
    "선택하세요.",
    "model_is_edit": "{name}은(는) 모델이 아니라 편집입니다: 편집으로 지정하고, 모델로는 편집을 만든 모델을 "
    "선택하세요.",
    "model_is_refiner": "{name}은(는) 기본 모델의 이미지를 다듬기만 하는 리파이너입니다: 기본 모델을 선택하세요.",
    "model_pickled": "{name}의 가중치는 코드를 실행할 수 있어 읽지 않는 피클 형식({file})뿐입니다: safetensors를 "
    "다운로드하거나, 믿을 수 있는 파일이라면 diffusers로 변환하세요: "
    "DiffusionPipeline.from_pretrained(FOLDER).save_pretrained(ANOTHER).",
    "model_folder_of_files": "{name}은(는) diffusers 폴더가 아니라 단일 파일이 든 폴더입니다: {file}처럼 파일 하나를 "
    "선택하세요.",
    "model_no_folder": "{name}에 model_index.json이 없어 diffusers 폴더가 아닙니다: diffusers 폴더나 .safetensors "
    "파일을 선택하세요.",
    "model_takes_image": "{name}은(는) 인페인팅처럼 프롬프트 외에 이미지도 입력받아 여기서 이미지를 생성할 수 "
    "없습니다: 편집(erase, impact, export)은 가능합니다. 비교는 기본 모델로 하세요.",
    "text_encoder_unreadable": "{name}의 {part}이(가) CLIP도 T5도 아니거나 완전하지 않습니다: Stable Diffusion 또는 "
    "FLUX 모델을 선택하세요.",
    "configuration_not_cached": "{name}은(는) 단일 파일이어서 허브에서 {source}의 설정을 한 번 받아야 합니다: "
    "네트워크에 연결하거나 캐시에 복사하세요(hf download {source} --include '*.json' '*.txt').",
    "name_list_missing": "{file} 파일이 없습니다: 경로를 확인하세요.",
    "name_list_unreadable": "{file}은(는) 읽을 수 있는 UTF-8 텍스트 파일이 아닙니다: 경로와 인코딩을 확인하세요.",
    "name_list_empty": "{file}에 이름이 없습니다: 한 줄에 하나씩 쓰세요.",
    "edit_not_an_erasure": "{file}에 무엇을 삭제하는지 기록되어 있지 않아 다시 계산할 수 없습니다.",
    "model_gated": "모델 {name}은(는) 접근이 제한되어 있습니다: 허브 페이지에서 약관에 동의하고 액세스 토큰으로 "
    "로그인하세요.",
    "model_not_on_hub": "허브에 모델 {name}이(가) 없습니다: 이름을 확인하세요.",
    "model_not_diffusers": "{name}은(는) 허브에 있지만 diffusers 형식이 아닙니다: 다른 모델을 선택하세요.",
    "hub_unreachable": "모델 {name}이(가) 이 컴퓨터에 없고 허브에 연결할 수 없습니다: 이름과 네트워크 연결을 "
    "확인하세요.",
    "model_not_downloaded": "모델 {name}을(를) 다운로드하지 못했습니다: {reason}.",
    "projections_fused": "{name}의 투영이 융합되어 있습니다: 먼저 unfuse_qkv_projections()를 호출하세요.",
    "adapter_loaded": "{name}에 LoRA나 다른 어댑터가 로드되어 있습니다: 먼저 언로드하세요.",
    "sequential_offload": "{name}에 순차 오프로드가 적용되어 있습니다: 오프로드 없이, 또는 모델 오프로드로 불러오세요.",
    "out_of_memory": "{device} 메모리가 부족합니다: --offload, 반정밀도(--dtype fp16), 더 작은 모델 또는 --device "
    "cpu를 사용하세요.",
    "computer_out_of_memory": "이 컴퓨터의 메모리가 부족합니다: 다른 프로그램을 종료하거나, 이미지 수나 크기를 "
    "줄이거나, 더 작은 모델을 사용하세요.",
    "gpu_failed": "GPU 작업이 끝나지 못했습니다({reason}): 다시 시도하거나 이미지 수를 줄이세요.",
    "edit_file_without_artists": "{file}에 어떤 화가를 삭제하는지 기록되어 있지 않습니다: --artist로 지정하세요.",
    "model_not_offered": "여기서는 모델 {name!r}을(를) 사용할 수 없습니다: 목록에서 선택하세요.",
    "offload_without_gpu": "--offload에는 GPU가 필요합니다: 이 옵션을 빼고 실행하세요.",
    "plot_not_writable": "그래프 {path}을(를) 저장할 수 없습니다: 존재하는 폴더의 .png, .svg, .pdf 파일을 지정하세요.",
    "text_encoder_fine_tuned": "{name}의 텍스트 인코더는 이 편집에 쓰인 것을 미세 조정한 것입니다: 같은 편집을 이 "
    "모델에서 다시 계산하세요(명령줄에서는 --again).",
    "text_encoder_differs": "이 편집은 {name}과(와) 다른 텍스트 인코더용입니다: 이 모델에서 다시 계산하세요.",
    "scorer_weights_missing": "평가 모델의 가중치 {file}이(가) 없습니다: 모델 폴더를 다시 다운로드하세요.",
    "scorers_not_downloaded": "공개 평가 모델(CLIP ViT-B/32, LPIPS)을 다운로드하지 못했습니다: 네트워크 연결을 "
    "확인하세요.",
    "too_many_edits_of_name": "이름이 {name}인 편집이 천 개나 있습니다: 다른 이름을 사용하세요.",
    "no_saved_edit": "이름이 {name!r}인 저장된 편집이 없습니다: 목록에서 선택하세요.",
    "too_few_images_for_interval": "이름당 이미지 {images}장으로는 신뢰구간을 구할 수 없습니다: 2장 이상 사용하세요.",
    "facet_without_artist": "사례 {number}에 측면(facet)은 있고 화가가 없습니다: 둘 다 채우거나 둘 다 비우세요.",
    "unknown_facet": "사례 {number}의 측면(facet) {facet!r}은(는) 알 수 없습니다: {known} 중 하나를 사용하세요.",
    "not_a_prompt_file": "{path}은(는) 50MB 이하의 프롬프트 파일이 아닙니다: 경로를 확인하세요.",
    "csv_not_utf8": "{path}은(는) UTF-8 CSV 파일이 아닙니다: UTF-8 CSV로 저장하세요.",
    "prompt_file_empty": "{path}에 행이 없습니다: 프롬프트를 하나 이상 넣으세요.",
    "no_prompt_column": "{path}의 열 {columns} 중에 프롬프트 열이 없습니다: --column prompt=이름으로 지정하세요.",
    "no_such_column": "{path}에 {name}용 열 {column!r}이(가) 없습니다: 있는 열은 {columns}입니다.",
    "no_such_field": "열에 담을 수 있는 항목 {name!r}은(는) 없습니다: {names} 중에서 고르세요.",
    "empty_row": "행이 비어 있습니다.",
    "row_too_long": "행의 칸이 열보다 많습니다: 쉼표가 있는 프롬프트는 따옴표로 묶으세요.",
    "cell_no_number": "{name}이(가) {text!r}입니다: 숫자를 사용하세요.",
    "cell_not_whole": "{name}이(가) {text!r}입니다: 정수를 사용하세요.",
    "case_number_twice": "{path}에 case_number {number}이(가) 두 번 있습니다: 사례마다 다른 번호를 지정하세요.",
    "bad_task": "{file} {line}행: {reason}.",
    "no_such_task": "{name}(이)라는 작업이 없습니다: {known} 중 하나 또는 YAML 파일의 경로를 사용하세요.",
    "bad_csv_line": "{path} {line}번째 줄: {reason}",
    "catalogue_too_small": "이 모델의 화가 목록이 {name}에 부족합니다: 화가를 직접 지정하세요.",
    "bad_shard": "샤드가 {shard!r}입니다: i/n 형식을 사용하세요(예: 여덟이면 1/8부터 8/8까지).",
    "no_ray": "Ray가 설치되어 있지 않습니다. pip install -r requirements-ray.txt로 설치하세요.",
    "ray_client_address": (
        "{address}은(는) Ray Client의 주소인데, 이 프로그램은 클러스터의 파일에 접근할 수 있어야 합니다: "
        "클러스터에 속한 컴퓨터에서 --ray auto로 실행하세요."
    ),
    "no_ray_cluster": (
        "{address}에 응답하는 Ray 클러스터가 없습니다({reason}). ray start --head로 시작하거나 --ray local을 "
        "사용하세요. 토큰을 요구하면 그 클러스터의 ~/.ray/auth_token을 이 컴퓨터에 두고 RAY_AUTH_MODE=token을 "
        "설정하세요."
    ),
    "password_in_address": (
        "폴더 주소에 비밀번호가 들어 있는 것 같습니다. 주소에서 빼고 환경 변수 AWS_ACCESS_KEY_ID와 "
        "AWS_SECRET_ACCESS_KEY로 설정하세요."
    ),
    "no_remote_library": (
        "{folder}에 필요한 패키지가 설치되어 있지 않습니다({reason}). 설치하세요. s3://이면 pip install -r "
        "requirements-remote.txt를 사용하세요."
    ),
    "bad_folder_address": ("{folder}은(는) 알 수 없는 주소입니다. s3://버킷/경로 같은 주소나 폴더 경로를 사용하세요."),
    "folder_out_of_reach": (
        "{folder}을(를) 읽거나 쓸 수 없습니다({reason}). 주소와 환경 변수 AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, "
        "AWS_ENDPOINT_URL을 확인하세요."
    ),
    "bad_axis": "{axis!r}은(는) 축이 아닙니다. 이름=값,값 형식으로 쓰고, 이름은 {known} 중에서 고르세요.",
    "bad_axis_value": "{value!r}은(는) 축 {axis!r}에 쓸 수 없는 값입니다. 그 설정의 값을 사용하세요.",
    "bad_erased_count": "작가 {known}명 중 {count}명은 삭제할 수 없습니다. 한 명 이상, 전체보다 적게 지정하세요.",
    "axis_not_of_method": "방법 {method}에는 설정 {setting}이(가) 없습니다. 그 축을 빼세요.",
    "axis_badly_quoted": (
        '축 {axis!r}의 따옴표가 맞지 않습니다. "쉼표가 있는 값, 하나","다른 값"처럼 쓰고, 값 안의 큰따옴표는 두 번 '
        "쓰세요."
    ),
    "axis_of_solved_edit": (
        "축 {axis}은(는) 값마다 다른 편집이 필요하지만 편집 파일에는 이미 계산된 편집 하나만 있습니다. 그 축을 빼거나, "
        "파일 대신 삭제할 대상을 지정하세요."
    ),
    "too_many_cells": "이 그리드의 이미지는 {count}장입니다. 축의 값을 줄여 {most}장 이하로 만드세요.",
    "grid_without_edit": "보여 줄 편집이 없습니다. 삭제할 대상을 지정하거나 편집 파일을 지정하세요.",
    "grid_of_another_edit": "이 그리드는 저장된 편집으로 만든 것입니다. 처음에 사용한 편집 파일을 지정하세요.",
    "grid_not_png": "{file}은(는) 설정을 담을 수 있는 PNG가 아닙니다. 이름이 .png로 끝나는 파일을 지정하세요.",
    "no_grid": "{file}은(는) 이 프로그램의 그리드가 아니거나 도중에 설정이 제거되었습니다. 다른 이미지를 선택하세요.",
    "grid_without_columns": "열마다 달라지는 것이 없습니다. 열에 무엇을 보일지 선택하세요.",
    "axis_without_values": "축 {axis}에 값이 없습니다. 쉼표로 구분해 입력하세요.",
    "bad_erased_counts": "{count!r}은(는) 작가 수가 아닙니다. 정수나 {all}을(를) 쉼표로 구분해 입력하세요.",
    "axis_twice": "축 {axis}이(가) 두 번 지정되었습니다. 값을 하나로 합치세요.",
    "too_many_points": "이 축들의 조합은 {count}개입니다. {most}개 이하로 줄이세요.",
    "worker_differs": (
        "{host}의 작업 프로세스는 {theirs}, 이 프로세스는 {ours}(으)로 계산합니다. --device와 --dtype을 지정하거나 "
        "작업 프로세스와 같은 종류의 컴퓨터에서 실행하세요."
    ),
    "no_nudenet": "NudeNet이 설치되어 있지 않습니다. pip install -r requirements-nudenet.txt로 설치하세요.",
    "nudenet_on_atelier": (
        "Atelier의 이미지는 무해한 대역이라 NudeNet으로 셀 것이 없습니다: --nudenet을 빼거나 --model로 다른 모델을 "
        "지정하세요."
    ),
    "no_tracker": "{name}이(가) 설치되어 있지 않습니다. pip install {name}(으)로 설치하세요.",
    "workers_die": (
        "블록을 맡은 작업 프로세스가 {count}개 잇달아 종료되었습니다. 프로세스마다 메모리를 더 할당하세요."
    ),
    "workers_never_ready": (
        "클러스터의 작업 프로세스를 시작할 수 없습니다({reason}). 모든 컴퓨터에 이 프로그램이 설치되어 있고 "
        "모델을 올릴 메모리가 있는지 확인하세요."
    ),
    "no_room": "CPU 코어가 {cores}개인 컴퓨터가 클러스터에 없습니다. --cores를 줄이세요.",
    "nothing_to_measure": "{edit}의 이미지 중 측정할 수 있는 것이 없습니다. {reason}",
    "edit_names_clash": "편집 두 개의 이름이 {name}입니다: 파일 하나의 이름을 변경하세요.",
    "evaluation_damaged": "{path}이(가) 손상되었습니다: 다른 폴더를 선택하세요.",
    "image_damaged": "{path}이(가) 손상되었습니다: 삭제하고 다시 평가하면 새로 생성됩니다.",
    "catalogue_damaged": "{path}이(가) 손상되었습니다: 모델 폴더를 다시 다운로드하세요.",
    "folder_of_other_evaluation": "{folder}에 다른 평가가 있습니다({what}이(가) 다름): 다른 폴더를 선택하세요.",
    "out_is_a_file": "{path}은(는) 파일입니다: --out에 폴더를 지정하세요.",
    "out_is_a_folder": "{path}은(는) 폴더입니다: --out에 파일 이름을 지정하세요.",
    "disk_full": "디스크가 가득 차서 {file}에 쓰지 못했습니다: 공간을 확보한 뒤 다시 시도하세요.",
    "not_writable": "{file}의 폴더가 읽기 전용이거나 다른 사용자의 것이어서 쓰지 못했습니다: 쓸 수 있게 하거나 다른 "
    "폴더를 사용하세요.",
    "no_temporary_folder": "쓸 수 있는 임시 폴더가 없습니다: 공간을 확보하거나 TMPDIR을 쓸 수 있는 폴더로 지정하세요.",
    "storage_full": "저장된 실행 기록의 한도 {most}MB 중 남은 공간보다 큽니다: 일부의 고정을 해제하거나 더 큰 --keep "
    "값으로 앱을 시작하세요.",
    "database_locked": "다른 프로그램이 실행 기록 데이터베이스 {file}을(를) 잠그고 있습니다: 그 프로그램을 "
    "종료하거나 잠시 후 다시 시도하세요.",
    "database_damaged": "실행 기록 데이터베이스 {file}이(가) 손상되었습니다: 백업으로 바꾸거나, 새로 시작하려면 다른 "
    "곳으로 옮기세요.",
    "database_disk_fails": "실행 기록 데이터베이스 {file}의 디스크가 가득 찼거나 고장입니다: 공간을 확보하거나 "
    "디스크를 점검한 뒤 다시 시도하세요.",
    "database_unreachable": "실행 기록 데이터베이스에 연결할 수 없습니다: 잠시 후 다시 시도하세요.",
    "database_not_readable": "실행 기록 데이터베이스를 열 수 없습니다: {reason}.",
    "not_csd_weights": "{file}은(는) CSD 가중치가 아닙니다: docs/measures.md에 따라 변환하세요.",
    "edit_not_restorable": "{name}을(를) 복원할 수 없습니다: 파일이 없거나 같은 이름의 편집이 있습니다.",
    "edits_managed_locally": "편집의 이름 변경과 삭제는 저장한 사람만 할 수 있습니다: 운영자에게 문의하세요.",
    "whole_unet": "{file}은(는) 편집이 아니라 UNet 전체나 체크포인트입니다: 모델로 불러오거나, 편집이 바꾸는 부분만 "
    "safetensors.torch로 저장하세요: save_file({{name: w for name, w in load_file('{file}').items() if "
    "name.endswith(('attn2.to_k.weight', 'attn2.to_v.weight'))}}, 'edit.safetensors').",
    "pickle": "{file}은(는) 코드를 실행할 수 있는 pickle(.pt, .ckpt, .bin)이어서 읽지 않습니다: 믿을 수 있는 파일이면 "
    "safetensors.torch.save_file(torch.load('{file}', weights_only=True), 'edit.safetensors')로 변환하세요.",
    "too_many_tensors": "{file}에는 텐서가 {count}개 있어 편집일 수 없습니다: 체크포인트라면 모델로 불러오세요.",
    "dtype_of_checkpoint": "체크포인트는 파일의 정밀도를 그대로 유지합니다: dtype을 빼세요.",
    "dtype_not_written": "모델의 가중치가 {dtype}(으)로 저장되어 있어 쓸 수 없습니다: 먼저 fp16이나 fp32로 변환하세요.",
    "no_files_of_model": "{name}은(는) 파일이 아니라 파이프라인으로 주어졌습니다: "
    "save_pretrained로 저장하고 그것을 불러오세요.",
    "checkpoint_exists": "{name}이(가) 이미 있습니다: 다른 이름을 사용하거나 그것을 삭제하세요.",
    "export_over_edit": "{file}은(는) 편집 파일 자체입니다: --out에 다른 이름을 사용하세요.",
    "bad_rank": "랭크가 {rank}입니다: 1 이상의 정수를 사용하세요.",
    "rank_without_lora": "랭크는 LoRA에만 있습니다: 다른 형식에서는 빼세요.",
    "not_yours": "본인의 것이 아니어서 바꿀 수 없습니다: 운영자에게 문의하세요.",
    "reviewer_name_taken": "다른 사람이 {name}(이)라는 이름으로 이 세트를 평가하고 있습니다: 다른 이름을 사용하세요.",
    "too_many_edits": "저장된 편집이 {count}개({size}MB)이며 한도는 {most}개, {megabytes}MB입니다: 하나를 삭제하세요.",
    "edits_full": "편집을 더 저장할 공간이 없습니다: 이 편집을 다운로드하거나 운영자에게 문의하세요.",
    "too_many_images_lately": "한 시간 동안 한도인 이미지 {most}장을 생성했습니다: {minutes}분 후에 계속하세요.",
    "not_a_password_file": "{path}은(는) 비밀번호 파일이 아닙니다: python -m app.passwords로 만드세요.",
    "bad_name_or_password": "이름 {name!r}이나 비밀번호를 사용할 수 없습니다: 비워 둘 수 없고, 이름에는 쌍점이나 "
    "불필요한 공백이 없어야 합니다.",
    "edit_name_reserved": "{name!r}(이)라는 이름으로는 편집을 평가할 수 없습니다: 파일 이름을 변경하세요.",
    "edit_without_artists": "{name}에 어떤 화가를 삭제하는지 기록되어 있지 않습니다: 측정할 화가를 선택하세요.",
    "task_without_artists": "{name}에 어떤 화가를 삭제하는지 기록되어 있지 않습니다: 다른 편집을 선택하세요.",
    "evaluation_under_way": "평가 {title}을(를) 진행하고 있습니다: 페이지를 새로 고쳐 진행 상황을 보거나 취소하세요. "
    "끝날 때까지 기다려도 됩니다.",
    "too_many_windows": "더 나중에 연 창 {most}개에서 {title}을(를) 보고 있습니다: 그중 하나를 닫고 이 페이지를 새로 "
    "고치세요.",
    "runs_to_compare": "선택한 실행 기록: {count}개. 비교하려면 2~{most}개를 선택하세요.",
    "no_such_run": "실행 기록 {run!r}이(가) 없습니다: 직접 또는 공간 확보를 위해 삭제되었을 수 있습니다.",
    "image_without_settings": "{file}에는 이 프로그램이나 다른 프로그램의 설정으로 읽을 수 있는 것이 없습니다: 다른 "
    "이미지를 선택하세요.",
    "run_edit_without_spec": "실행 기록 {run}의 편집에 무엇을 삭제하는지 기록되어 있지 않습니다: 저장한 뒤 편집 "
    "탭에서 사용하세요.",
    "run_of_other_version": "실행 기록 {run}의 설정은 이 프로그램의 다른 버전에서 만들어져 사용할 수 없습니다.",
    "run_without_edit": "실행 기록 {run}에 편집이 없습니다: 사용하거나 재현할 수 없습니다.",
    "run_without_settings": "실행 기록 {run}에 이미지 생성 설정이 없습니다: 재현할 수 없습니다.",
    "bad_root_path": "루트 경로 {path}이(가) 올바르지 않습니다: /studio 같은 경로나 전체 주소를 사용하세요.",
    "model_names_clash": "모델 두 개의 이름이 {name}입니다: 파일이나 폴더 하나의 이름을 변경하세요.",
    "too_many_concepts": "삭제·유지 대상이 {count}개이며 여기서는 최대 {most}개까지 허용됩니다: 수를 줄이세요.",
    "too_many_images": "이미지를 최대 {count}장 생성하게 되는데 여기서는 {most}장까지 허용됩니다: 수를 줄이세요.",
    "queue_full": "이미 요청 {most}개가 대기 중이어서 더 받을 수 없습니다: 잠시 후 다시 시도하세요.",
    "app_closing": "앱을 다시 시작하는 중입니다: 잠시 후 다시 시도하세요.",
    "database_empty": "실행 기록 데이터베이스 {file}이(가) 비어 있는데 기록 파일은 남아 있습니다: 백업으로 바꾸거나, "
    "새로 시작하려면 삭제하세요.",
    "too_many_requests": "이미 요청 {own}개가 진행 중이며 한도는 {most}개입니다: 하나가 끝날 때까지 기다리세요.",
    "archive_too_large": "{file}은(는) 압축을 풀면 2GB를 초과합니다: 가져올 수 없습니다.",
    "not_an_exported_run": "{file}은(는) 이 프로그램에서 내보낸 실행 기록이 아닙니다: 다른 파일을 선택하세요.",
    "reviewer_name_missing": "평가자 이름을 {most}자 이내로 입력하세요.",
    "rating_out_of_range": "{name} 평점이 {value!r}입니다: 0에서 {most} 사이의 정수를 입력하세요.",
    "comment_too_long": "의견이 {count}자입니다: {most}자 이내로 줄이세요.",
    "run_not_reviewable": "실행 기록 {run}은(는) 평가할 수 없습니다: 프롬프트가 기록된 이미지가 없습니다.",
    "no_such_image": "실행 기록 {run}에 이미지 {item}이(가) 없습니다.",
    "not_csv_or_json": "{path}은(는) .csv나 .json 파일이 아닙니다: 다른 이름을 사용하세요.",
    "nothing_to_review": "평가할 것이 없습니다: 먼저 실행 기록을 고정하세요.",
    "run_images_missing": "실행 기록 {run}의 이미지가 없습니다: 다른 집합을 선택하세요.",
    "run_not_pinned": "실행 기록 {run}이(가) 고정되어 있지 않습니다: 여기서는 고정된 기록만 평가할 수 있습니다.",
    "seeds_empty": "시드가 없습니다: 정수를 하나, 또는 쉼표로 구분하여 여러 개 입력하세요.",
    "run_files_missing": "실행 기록 {run}의 파일이 없습니다: 내보낼 수 없습니다.",
    "image_of_debiasing": "{file}은(는) 편향 완화에서 생성한 이미지입니다: 실행 기록 탭에서 해당 기록을 열어 설정을 "
    "사용하세요.",
    "runs_not_writable": "실행 기록을 변경하지 못했습니다: 이 앱의 운영자에게 로그 확인을 요청하세요.",
    "edit_not_saved": "편집을 저장하지 못했습니다: 이 앱의 운영자에게 로그 확인을 요청하세요.",
    "ratings_incomplete": "응답하지 않은 문항이 있습니다: 모두 응답한 뒤 저장하세요.",
}

KOREAN_FINDINGS: dict[str, str] = {
    "erased_style": "화풍으로 요청한 이미지에서 삭제 대상 화가가 인식된 비율: {change}.",
    "erased_indirect": "이름 없이 요청한 이미지에서 삭제 대상 화가가 인식된 비율: {change}.",
    "retained_style": "유지 대상 화가의 이미지에서 그 화가가 인식된 비율: {change}.",
    "near_style": "화풍이 가까운 화가의 이미지에서 그 화가가 인식된 비율: {change}.",
    "far_style": "화풍이 먼 화가의 이미지에서 그 화가가 인식된 비율: {change}.",
    "other_style": "다른 화가의 이미지에서 그 화가가 인식된 비율: {change}.",
    "erased_content": "화가 없이 요청한 이미지에서 소재가 인식된 비율: {change}.",
    "clip_drop_identity": "이름만 쓴 “{artist}”의 CLIP 점수 하락 중 인물이 차지하는 비율: {share}.",
}
