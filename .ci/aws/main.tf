# The same burst as bench-aws gives Spillway: a group that admits SSH from one address, and `nodes` machines behind it.
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "nodes" {
  type = number
}

variable "endpoint" {
  type = string
}

variable "image" {
  type = string
}

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "bench"
  secret_key                  = "bench"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  skip_region_validation      = true
  default_tags {
    tags = { burst = "bench" }
  }
  endpoints {
    ec2 = var.endpoint
    sts = var.endpoint
  }
}

data "aws_subnets" "default" {
  filter {
    name   = "default-for-az"
    values = ["true"]
  }
}

resource "aws_security_group" "ssh" {
  name        = "bench"
  description = "SSH from one address"
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["203.0.113.7/32"]
  }
}

resource "aws_instance" "node" {
  count                                = var.nodes
  ami                                  = var.image
  instance_type                        = "c5.xlarge"
  subnet_id                            = sort(data.aws_subnets.default.ids)[0]
  vpc_security_group_ids               = [aws_security_group.ssh.id]
  instance_initiated_shutdown_behavior = "terminate"
  root_block_device {
    volume_size = 20
    volume_type = "gp3"
  }
  # moto names no group of the instance that Terraform would take for this one: without this no plan is ever empty.
  lifecycle { ignore_changes = [vpc_security_group_ids] }
}
