# Each target sets up what it needs. `make help` explains them.
PYTHON ?= python3
BIN := .venv/bin
# compiled modules are kept, whatever the surroundings say: starting is three times as quick
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help run test test-faults lint bench assets lock words clean
.DEFAULT_GOAL := help

help: ## Giải thích các lệnh / explain the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 13
	@echo
	@echo "Biến / variables: PORT= (mặc định 5000), HOST=, DATA= (thư mục dữ liệu, mặc định instance), DATABASE_URL=,"
	@echo "                  TEST_DATABASE_URL= (PostgreSQL cho kiểm thử, tài khoản quản trị), ONLY= (phần đo của make bench)"

run: assets ## Cài đặt nếu cần rồi chạy bản trình diễn ở http://127.0.0.1:5000 / set up and serve the demonstration
	@DEMO=$${DEMO:-1} exec $(BIN)/python tools/run.py

test: .venv/dev assets ## Chạy toàn bộ kiểm thử / run the tests on SQLite, on PostgreSQL and in a browser, as far as they are here
	@$(BIN)/python tools/test.py $(ARGS)

test-faults: .venv/dev assets ## Phá mạng, máy chủ, cơ sở dữ liệu, đĩa khi 200 người làm bài, rồi đếm / break everything while 200 sit, then count (ARGS=--slice)
	@$(BIN)/python -m tests.faults $(ARGS)

lint: .venv/dev ## Kiểm tra mã, kiểu, mẫu trang, thứ tự phòng / ruff, types, templates, order of the rooms
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check -q .
	@$(BIN)/lint-imports --no-cache > /dev/null || $(BIN)/lint-imports
	@$(BIN)/djlint --lint --quiet examapp
	@$(BIN)/mypy

bench: .venv/dev assets ## Đo hiệu năng, ghi build/bench.json / measure (ONLY=save,import for a part)
	@$(BIN)/python -m tests.bench $(if $(ONLY),--only $(ONLY))

assets: .venv/runtime ## Dựng tệp giao diện từ các gói đã khóa / build the browser files from locked packages
	@$(BIN)/python tools/assets.py || { $(BIN)/python -m pip install -q --require-hashes -r requirements-node.txt && $(BIN)/python tools/assets.py; }

words: .venv/dev ## Liệt kê câu chưa dịch / list texts without an English translation
	@$(BIN)/python tools/words.py

lock: .venv/dev ## Khóa lại phiên bản các gói / pin the packages anew, with hashes and without addresses
	@$(BIN)/python tools/lock.py

clean: ## Xóa mọi thứ dựng được / remove what can be built again (data stay)
	rm -rf .venv build node_modules examapp/core/static/build

.venv/runtime: requirements.txt pyproject.toml
	@$(PYTHON) tools/setup.py runtime

.venv/dev: .venv/runtime requirements-dev.txt
	@$(PYTHON) tools/setup.py dev
